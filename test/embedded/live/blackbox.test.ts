import { live } from "../../blackbox/live.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { temporaryFolder } from "../temporary.ts";

live("one machine", async () => {
  const folder = await temporaryFolder();
  const running = await startGatepost(folder.path);
  return {
    ...running,
    address: (token) => `${running.url.replace("http", "ws")}/live?token=${token}`,
    async stop() {
      await running.stop();
      await folder.remove();
    },
  };
});
