import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { sequenceAt } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { DeliveryGaps } from "../../../packages/aws/src/live/delivery-gaps.ts";
import { onStandIns } from "../../standins/aws.ts";
import { day, noon } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const [second, minute, lifetime] = [1000, 60_000, 30 * day];
/** ms by which an event may overtake another without a gap. */
const overtaking = 8 * second;
const reader = { keyId: "key_1", eventId: "evt_1", asked: "all" };

onStandIns((standIns) => {
  describe("a gap of the live feed", () => {
    let deps: TestRuntime;
    let gaps: DeliveryGaps;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      const dynamo = new Dynamo(deps.clients.dynamo, deps.names.table, 5000);
      gaps = new DeliveryGaps(dynamo, { clock: () => noon, lifetime });
    });
    afterEach(() => deps.close());

    const begins = (madeAt: number) => gaps.before(madeAt, reader);
    /** When a row goes, ms. */
    const endOf = async (pk: string) => {
      const asked = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: pk } } });
      return Number((await deps.clients.dynamo.send(asked)).Item?.["ttl"]?.N) * second;
    };

    it("holds for whatever was made from its minute on, and for a minute more", async () => {
      const from = noon - 90 * second;
      await gaps.note(from);
      for (const madeAt of [noon - 2 * minute, noon - minute, noon - 1, noon, noon + minute, noon + 2 * minute - 1]) {
        expect([madeAt, await begins(madeAt)]).toEqual([madeAt, Math.min(from, madeAt - overtaking)]);
      }
      for (const madeAt of [noon - 2 * minute - 1, noon + 2 * minute]) {
        expect(await begins(madeAt)).toBe(madeAt - overtaking);
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

    it("is kept as long as an event whose reader may come again", async () => {
      await gaps.note(noon);
      for (const at of [noon, noon + minute]) {
        expect(await endOf(`gap ${at / minute}`)).toBe(noon + minute + lifetime);
      }
    });

    it("does not hold for a reader that was told up to its event, for a day", async () => {
      await gaps.note(noon - minute);
      await gaps.checkpoint(reader);
      expect(await begins(noon)).toBe(noon - overtaking);
      expect(await gaps.before(noon, { ...reader, eventId: "evt_2" })).toBe(noon - minute);
      expect(await endOf(`passed ${reader.keyId} ${reader.eventId}`)).toBe(noon + day);
    });

    it("is noted where events are published over three seconds late", async () => {
      await gaps.noteIfLate([sequenceAt(noon), sequenceAt(noon - 3 * second)]);
      expect(await begins(noon)).toBe(noon - overtaking);
      await gaps.noteIfLate([sequenceAt(noon), sequenceAt(noon - 2 * overtaking)]);
      expect(await begins(noon)).toBe(noon - 2 * overtaking);
    });
  });
});
