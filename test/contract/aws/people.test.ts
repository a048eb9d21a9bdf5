import { onStandIns } from "../../standins/aws.ts";
import { people } from "../../system/blackbox/people.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  const start = async () => {
    const deps = await runtimeOn(standIns);
    const running = await served(deps);
    const stop = async () => {
      await running.stop();
      await deps.close();
    };
    return { ...running, stop };
  };
  people("AWS", start, { isHttps: true });
});
