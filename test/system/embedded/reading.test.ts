import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { reading } from "../blackbox/reading.ts";

reading("one machine", async () => {
  const folder = await temporaryFolder();
  const running = await startGatepost(folder.path);
  return {
    ...running,
    finish: async () => {},
    async stop() {
      await running.stop();
      await folder.remove();
    },
  };
});
