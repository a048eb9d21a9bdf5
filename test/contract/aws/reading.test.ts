import { onStandIns } from "../../standins/aws.ts";
import { reading } from "../../system/blackbox/reading.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  reading("AWS", async () => {
    let ahead = 0;
    const { deps, running } = await servedOn(standIns, { clock: () => Date.now() + ahead });
    return {
      ...running,
      async finish() {
        ahead += 60 * 60 * 1000;
        await deps.reads.eraser.finish();
        ahead = 0;
      },
    };
  });
});
