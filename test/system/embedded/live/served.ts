import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import type { Live } from "../../blackbox/live.ts";

/** A server of its own, whose readers connect by a path that has their key. */
export async function served(pathOf: (token: string) => string): Promise<Live> {
  const folder = await temporaryFolder();
  const running = await startGatepost(folder.path);
  return {
    ...running,
    address: (token) => running.url.replace("http", "ws") + pathOf(token),
    async stop() {
      await running.stop();
      await folder.remove();
    },
  };
}
