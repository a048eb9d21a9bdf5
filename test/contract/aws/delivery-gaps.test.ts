import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Change } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { sequenceAt } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { DeliveryGaps } from "../../../packages/aws/src/live/delivery-gaps.ts";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { day, noon } from "../samples.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const [second, minute, lifetime] = [1000, 60_000, 30 * day];
/** ms by which an event may overtake another without a gap. */
const maxOvertakingMs = 8 * second;
const reader = { keyId: "key_1", eventId: "evt_1", asked: "all" };

onStandIns((standIns) => {
  let deps: TestRuntime;
  let gaps: DeliveryGaps;
  let now: number;
  beforeEach(async () => {
    now = noon;
    deps = await runtimeOn(standIns);
    const dynamo = tableOf(deps);
    gaps = new DeliveryGaps(dynamo, { clock: () => now, lifetime });
  });
  afterEach(() => deps.close());

  const begins = (madeAt: number) => gaps.positionOf(madeAt, reader).then(({ from }) => from);
  /** When a row goes, ms. */
  const endOf = async (pk: string) => {
    const asked = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: pk } } });
    return Number((await deps.clients.dynamo.send(asked)).Item?.["ttl"]?.N) * second;
  };

  describe("a gap of the live feed", () => {
    it("applies to events made since its minute, and for a minute more", async () => {
      const from = noon - 90 * second;
      await gaps.note(from);
      for (const madeAt of [noon - 2 * minute, noon - minute, noon - 1, noon, noon + minute, noon + 2 * minute - 1]) {
        expect([madeAt, await begins(madeAt)]).toEqual([madeAt, Math.min(from, madeAt - maxOvertakingMs)]);
      }
      for (const madeAt of [noon - 2 * minute - 1, noon + 2 * minute]) {
        expect(await begins(madeAt)).toBe(madeAt - maxOvertakingMs);
      }
    });

    it.each([
      [90, 50],
      [50, 90],
    ])("begins with the earliest that was noted: %i s ago, then %i s ago", async (first, then) => {
      await gaps.note(noon - first * second);
      await gaps.note(noon - then * second);
      expect(await begins(noon)).toBe(noon - 90 * second);
    });

    it("is written again only if it begins earlier, or for the next minute", async () => {
      const writes = async (from: number) => {
        const before = calls["UpdateItemCommand"] ?? 0;
        await gaps.note(from);
        return (calls["UpdateItemCommand"] ?? 0) - before;
      };
      const calls = countCalls(deps.clients);
      expect(await writes(noon - 5 * minute)).toBe(7);
      expect([await writes(noon - 5 * minute), await writes(noon - second)]).toEqual([0, 0]);
      now = noon + minute;
      expect([await writes(noon - 4 * minute), await writes(noon - 4 * minute)]).toEqual([1, 0]);
      expect(await writes(noon - 6 * minute)).toBe(9);
      for (const madeAt of [noon - 5 * minute, noon, now + minute])
        expect(await begins(madeAt)).toBe(noon - 6 * minute);
    });

    it("goes back at most two weeks, even if a broken row or message says more", async () => {
      const updates: Change[] = [];
      const update: Dynamo["update"] = async (one) => ({ applied: updates.push(one) > 0, previous: null });
      const dynamo = { update } as Partial<Dynamo> as Dynamo;
      await new DeliveryGaps(dynamo, { clock: () => noon, lifetime }).noteIfLate([sequenceAt(0)]);
      expect(updates).toHaveLength(14 * 24 * 60 + 2);
      expect(updates[0]?.set).toMatchObject({ from: noon - 14 * day });
    });

    it("is written again after a failure, and after an hour", async () => {
      before(deps.clients.dynamo, "UpdateItemCommand", "gap ", () => Promise.reject(new Error("throttled")));
      await expect(gaps.note(noon)).rejects.toThrow("throttled");
      await gaps.note(noon);
      const dynamo = tableOf(deps);
      for (const at of [noon, noon + minute]) await dynamo.remove(`gap ${at / minute}`);
      now = noon + 60 * minute;
      await gaps.note(noon);
      expect(await begins(noon + minute)).toBe(noon);
    });

    it("is kept as long as an event whose reader may return", async () => {
      await gaps.note(noon);
      for (const at of [noon, noon + minute]) {
        expect(await endOf(`gap ${at / minute}`)).toBe(noon + minute + lifetime);
      }
    });

    it("is skipped for a day for a reader that has everything up to a place", async () => {
      await gaps.note(noon - minute);
      const place = { from: noon - day, cursor: `${sequenceAt(noon - second)} evt_9 ${sequenceAt(noon - minute)}` };
      await gaps.noteRead(reader, place);
      expect(await gaps.positionOf(noon, reader)).toEqual(place);
      for (const other of [{ eventId: "evt_2" }, { keyId: "key_2" }, { asked: "more" }]) {
        expect((await gaps.positionOf(noon, { ...reader, ...other })).from).toBe(noon - minute);
      }
      expect(await endOf(`read ${reader.keyId} ${reader.eventId} all`)).toBe(noon + day);
      await gaps.noteRead(reader, { ...place, cursor: sequenceAt(noon) });
      expect(await gaps.positionOf(noon, reader)).toEqual({ ...place, cursor: sequenceAt(noon) });
    });

    it("is noted if events are published over three seconds late", async () => {
      await gaps.noteIfLate([sequenceAt(noon), sequenceAt(noon - 3 * second)]);
      expect(await begins(noon)).toBe(noon - maxOvertakingMs);
      await gaps.noteIfLate([sequenceAt(noon), sequenceAt(noon - 2 * maxOvertakingMs)]);
      expect(await begins(noon)).toBe(noon - 2 * maxOvertakingMs);
    });
  });

  describe("an event sent to a reader of the live feed that is catching up", () => {
    it("lets the reader resume at the event without losing earlier ones", async () => {
      await gaps.noteTold(reader, noon - day);
      const place = { from: noon - day, cursor: sequenceAt(noon - 10 * second) };
      expect(await gaps.positionOf(noon, reader)).toEqual(place);
      await gaps.noteTold(reader, noon - minute);
      expect(await gaps.positionOf(noon, { ...reader, asked: "more" })).toEqual(place);
      expect(await begins(noon - 2 * day)).toBe(noon - 2 * day - maxOvertakingMs);
      expect(await endOf(`passed ${reader.keyId} ${reader.eventId}`)).toBe(noon + lifetime);
      await gaps.note(noon - minute);
      expect(await gaps.positionOf(noon, reader)).toEqual({ ...place, cursor: sequenceAt(noon - minute) });
    });
  });

  describe("an event pushed to a reader of the live feed before it caught up", () => {
    it("lets the reader resume at the first undelivered event", async () => {
      await gaps.noteRead(reader, { from: noon - minute, cursor: sequenceAt(noon - second) });
      await gaps.notePushed(reader, noon - day);
      await gaps.notePushed(reader, noon - minute);
      expect(await gaps.positionOf(noon, reader)).toEqual({ from: noon - day, cursor: sequenceAt(noon - day) });
      expect(await gaps.positionOf(noon, { ...reader, eventId: "evt_2" })).toEqual({
        from: noon - maxOvertakingMs,
        cursor: sequenceAt(noon - maxOvertakingMs),
      });
      expect(await endOf(`pushed ${reader.keyId} ${reader.eventId}`)).toBe(noon + lifetime);
    });
  });
});
