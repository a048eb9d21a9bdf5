import { temporaryDataFolder } from "../../runtime/embedded/temporary.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";

/** A running `npm start` on a new folder, which is removed when it stops. */
export async function oneMachine(
  args: readonly string[] = [],
  variables: Record<string, string> = {},
): Promise<GatepostProcess> {
  const folder = await temporaryDataFolder();
  const running = await startGatepost(folder.path, args, variables);
  return {
    ...running,
    async stop() {
      await running.stop();
      await folder.remove();
    },
  };
}
