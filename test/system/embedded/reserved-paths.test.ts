import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { reservedPaths } from "../blackbox/reserved-paths.ts";

reservedPaths("one machine", async () => {
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
