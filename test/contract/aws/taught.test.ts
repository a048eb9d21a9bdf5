import { onStandIns } from "../../standins/aws.ts";
import { taught } from "../../system/blackbox/taught.ts";
import { noon } from "../samples.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  taught("AWS", async () => {
    const deps = await runtimeOn(standIns);
    const running = await served(deps);
    let seconds = 0;
    return {
      ...running,
      doesJobs: false,
      later: () => deps.setClock(noon + ++seconds * 1000),
      async stop() {
        await running.stop();
        await deps.close();
      },
    };
  });
});
