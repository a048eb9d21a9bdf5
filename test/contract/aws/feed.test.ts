import { onStandIns } from "../../standins/aws.ts";
import { following } from "../../system/blackbox/feed.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  following("AWS", async () => {
    const deps = await runtimeOn(standIns, { clock: Date.now });
    const running = await served(deps);
    return {
      ...running,
      finish: async () => void (await deps.reads.eraser.finish()),
      async stop() {
        await running.stop();
        await deps.close();
      },
    };
  });
});
