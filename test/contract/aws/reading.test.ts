import { onStandIns } from "../../standins/aws.ts";
import { reading } from "../../system/blackbox/reading.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  reading("AWS", async () => {
    let ahead = 0;
    const deps = await runtimeOn(standIns, { clock: () => Date.now() + ahead });
    const running = await served(deps);
    return {
      ...running,
      async finish() {
        ahead += 60 * 60 * 1000;
        await deps.reads.eraser.finish();
        ahead = 0;
      },
      async stop() {
        await running.stop();
        await deps.close();
      },
    };
  });
});
