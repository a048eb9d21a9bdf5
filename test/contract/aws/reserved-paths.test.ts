import { onStandIns } from "../../standins/aws.ts";
import { reservedPaths } from "../../system/blackbox/reserved-paths.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  reservedPaths("AWS", async () => {
    const deps = await runtimeOn(standIns);
    const running = await served(deps);
    return {
      ...running,
      async stop() {
        await running.stop();
        await deps.close();
      },
    };
  });
});
