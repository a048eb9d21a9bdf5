import { shortName } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { day, noon, report, upsert } from "../samples.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("a device", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const write = (event: string, time = noon) =>
      deps.ingest.index.upsert(upsert(event, { now: time, report: report({ device: { ip: "10.0.0.7" } }) }));

    it("is noted once a day by a process, however many events it has", async () => {
      const calls = countCalls(deps.clients);
      for (let n = 0; n < 5; n++) await write(`${n}`);
      expect(calls).toMatchObject({ UpdateItemCommand: 6 });
      await write("tomorrow", noon + day);
      expect(calls).toMatchObject({ UpdateItemCommand: 8 });
    });

    it("that could not be noted costs no report, and is noted by the next", async () => {
      before(deps.clients.dynamo, "UpdateItemCommand", "device ", () => Promise.reject(new Error("throttled")));
      expect((await write("a")).outcome).toBe("created");
      expect(deps.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
        "a device was not noted",
      ]);
      await write("b");
      expect(await deps.reads.devices.devices()).toEqual(["10.0.0.7"]);
    });

    it("has an id that no text of it can break", async () => {
      const id = `\ud800 ${"Ω".repeat(4000)}`;
      await deps.ingest.index.upsert(upsert("odd", { report: report({ device: { id } }) }));
      expect(await deps.reads.devices.devices()).toEqual([shortName(id)]);
    });
  });
});
