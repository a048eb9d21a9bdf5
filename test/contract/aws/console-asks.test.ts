import { onStandIns } from "../../standins/aws.ts";
import { consoleAsks } from "../../system/blackbox/console-asks.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  consoleAsks("AWS", async () => {
    const deps = await runtimeOn(standIns, { clock: Date.now });
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
