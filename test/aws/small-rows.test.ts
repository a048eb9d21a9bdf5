import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon, report, upsert } from "../contracts/samples.ts";
import { onStandIns } from "../standins/aws.ts";
import { before, countCalls, type Machine, machineOn } from "./machine.ts";

onStandIns((standIns) => {
  describe("a device", () => {
    let on: Machine;
    beforeEach(async () => {
      on = await machineOn(standIns);
    });
    afterEach(() => on.close());

    const write = (event: string, time = noon) =>
      on.ingest.index.upsert(upsert(event, { now: time, report: report({ device: { ip: "10.0.0.7" } }) }));

    it("is noted once a day by a process, however many events it has", async () => {
      const calls = countCalls(on.clients);
      for (let n = 0; n < 5; n++) await write(`${n}`);
      expect(calls).toEqual({ UpdateItemCommand: 6 });
      await write("tomorrow", noon + day);
      expect(calls).toEqual({ UpdateItemCommand: 8 });
    });

    it("that could not be noted costs no report, and is noted by the next", async () => {
      before(on.clients.dynamo, "UpdateItemCommand", "device ", () => Promise.reject(new Error("throttled")));
      expect((await write("a")).outcome).toBe("created");
      expect(on.lines.map(({ message }) => message)).toEqual(["a device was not noted"]);
      await write("b");
      expect(await on.reads.devices.devices()).toEqual(["10.0.0.7"]);
    });

    it("has an id that no text of it can break", async () => {
      const id = `\ud800 ${"Ω".repeat(4000)}`;
      await on.ingest.index.upsert(upsert("odd", { report: report({ device: { id } }) }));
      expect(await on.reads.devices.devices()).toEqual([id]);
    });
  });
});
