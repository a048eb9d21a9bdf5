import { openRuntime } from "@gatepost/embedded";
import { expect, it, onTestFinished } from "vitest";
import { keptLog } from "../../unit/http/support.ts";
import { temporaryDataFolder } from "./temporary.ts";

it("a data folder that failed to open can be opened again", async () => {
  const folder = await temporaryDataFolder();
  onTestFinished(folder.remove);
  const options = { data: folder.path, log: keptLog().log };
  const follow = () => {
    throw new Error("no bucket");
  };
  await expect(openRuntime({ ...options, follow })).rejects.toThrow("no bucket");
  await (await openRuntime(options)).close();
});
