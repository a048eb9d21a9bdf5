import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StoredPassing } from "@gatepost/core/people";
import { dayMs } from "@gatepost/protocol";
import { changed } from "@gatepost/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAttributes } from "../../../packages/aws/src/dynamo/item.ts";
import { upsertUpdate } from "../../../packages/aws/src/events/row.ts";
import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { profilesOn } from "../../../packages/aws/src/statistics/passings.ts";
import { environmentOf, itemsOf, onStandIns, patient } from "../../standins/aws.ts";
import { seeded } from "../../support/seeded.ts";
import { noon, report, upsert } from "../samples.ts";
import { countUse } from "./cost-counter.ts";
import { type BatchUse, countingCosts, countingTable } from "./counting-costs.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/costs.md"), "utf8");

const boxes = 20;

/** Passings that a box has had by the evening of its day. */
const passedToday = 400;

onStandIns((standIns) => {
  describe("the cost of counting passings and noting boxes, as in docs/costs.md:", () => {
    let deps: TestRuntime;
    let batch: BatchUse;
    beforeAll(async () => {
      deps = await runtimeOn(standIns);
      const tally = awsTally(environmentOf(deps.names), { clients: deps.clients, limits: patient, clock: () => now });
      let now = noon;
      const random = seeded(1);
      let sequence = 1;
      const recordOf = (box: string) => {
        // Most come in the morning, at noon and in the evening, and most match well.
        const minute = [8, 12, 18, 9, 17][Math.floor(random() * 5)] ?? 0;
        // The day before: the clocks of these boxes are right, and none of their passings is ahead of its receipt.
        const time = noon - 36 * 3_600_000 + (minute * 60 + Math.floor(random() * 180)) * 60_000;
        const isStranger = random() < 0.07;
        const score: [number, number] = [isStranger ? random() * 0.4 : 0.8 + random() * 0.2, 1];
        const person = { id: `${sequence}`, type: isStranger ? ("stranger" as const) : ("employee" as const) };
        const entry = upsert(`${sequence}`, { box, report: report({ time, score, person }) });
        const row = changed(upsertUpdate(entry, "1"), null);
        sequence += 1;
        return { dynamodb: { SequenceNumber: String(sequence), NewImage: toAttributes(row) } };
      };
      const take = (names: string[], shardId: string) => {
        // The record of a box is written at most once a minute.
        now += 61_000;
        return tally({ shardId, Records: names.map(recordOf) });
      };
      const all = Array.from({ length: boxes }, (_, n) => `gate-${n}`);
      await take(
        all.flatMap((box) => Array<string>(passedToday).fill(box)),
        "shard-0",
      );
      // A batch of another shard leaves out the mark of the one before it.
      const ofOne = countUse(deps.clients);
      await take(["gate-0"], "shard-1");
      const one = { ...ofOne };
      const ofMany = countUse(deps.clients);
      await take(all, "shard-2");
      const each = (name: "writeUnits" | "readUnits") => (ofMany[name] - one[name]) / (boxes - 1);
      batch = {
        ofPassing: { writeUnits: each("writeUnits"), readUnits: each("readUnits") },
        ofBatch: {
          writeUnits: one.writeUnits - each("writeUnits"),
          readUnits: one.readUnits - each("readUnits"),
        },
      };
    });
    afterAll(() => deps.close());

    it("a month with 10, 1,000 and 10,000 boxes", () => {
      expect(document).toContain(countingTable(batch));
    });

    it("the first passing of a new person costs five write units", () => {
      // One for its count, one for its box, and three for the profile in its two lists.
      expect(batch.ofPassing.writeUnits).toBe(5);
      expect(batch.ofPassing.readUnits).toBeLessThan(2.1);
    });

    it("from the second day on, a person costs at most one unit a passing", async () => {
      // The stream hands the way in and the way out to different processes.
      const [one, other] = [0, 1].map(() => profilesOn({ items: itemsOf(deps), events: deps.reads.events }));
      const person = { key: "ada", id: "ada", name: "Ada", type: "employee" as const, group: "Office" };
      const passing = (at: number): StoredPassing => ({
        event: `evt_${at}`,
        box: "gate-0",
        time: at,
        at,
        isClockWrong: false,
        own: null,
        person,
        score: 90,
        device: { id: null, endpoint: null, ip: null },
        pictures: ["face"],
      });
      const unitsOf = async (day: number) => {
        const used = countUse(deps.clients);
        await one?.note(passing(noon + day * dayMs));
        await other?.note(passing(noon + day * dayMs + 9 * 3_600_000));
        return used.writeUnits;
      };
      expect([await unitsOf(0), await unitsOf(1), await unitsOf(2)]).toEqual([4, 2, 2]);
    });

    it("a million passings cost less than $3.50", () => {
      const { passings, dollars } = countingCosts(batch, { boxes: 1000, shards: 4 });
      expect((dollars / passings) * 1e6).toBeLessThan(3.5);
    });
  });
});
