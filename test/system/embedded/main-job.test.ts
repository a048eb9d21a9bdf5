import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { mainJob } from "../blackbox/main-job.ts";

mainJob("one machine", async () => {
  const folder = await temporaryFolder();
  const running = await startGatepost(folder.path);
  return {
    ...running,
    async stop() {
      await running.stop();
      await folder.remove();
    },
  };
});
