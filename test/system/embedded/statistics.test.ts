import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { statistics } from "../blackbox/statistics.ts";

statistics("one machine", async () => {
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
