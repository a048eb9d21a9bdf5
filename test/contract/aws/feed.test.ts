import { onStandIns } from "../../standins/aws.ts";
import { following } from "../../system/blackbox/feed.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  following("AWS", async () => {
    const { deps, running } = await servedOn(standIns, { clock: Date.now });
    return { ...running, finish: async () => void (await deps.reads.eraser.finish()) };
  });
});
