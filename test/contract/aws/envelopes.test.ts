import { onStandIns } from "../../standins/aws.ts";
import { envelopes } from "../../system/blackbox/envelopes.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  envelopes("AWS", async () => {
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
