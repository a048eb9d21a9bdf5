import { afterAll, beforeAll } from "vitest";
import { temporaryDataFolder } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";

/** A running `npm start` for all tests of a suite, on a new folder. */
export function serverOfSuite() {
  const suite = {} as { server: GatepostProcess; client: Client };
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const folder = await temporaryDataFolder();
    remove = folder.remove;
    suite.server = await startGatepost(folder.path);
    suite.client = new Client(suite.server);
  });
  afterAll(async () => {
    await suite.server.stop();
    await remove();
  });
  return suite;
}
