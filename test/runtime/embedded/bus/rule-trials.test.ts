import { expect, it } from "vitest";
import { tryPattern } from "../../../../packages/embedded/src/bus/rule-trials.ts";
import { noon, report, upsert } from "../../../contract/samples.ts";
import { turnsOf } from "../../../support/turns.ts";

it("a trial on many events lets other work have its turns", async () => {
  const events = Array.from({ length: 50 }, (_, n) => {
    return { id: upsert(`${n}`).eventId, box: "gate-1", isSecondFace: false, reports: [report()], actions: [] };
  });
  const labels = { add: async <Event>(events: readonly Event[]) => [...events] };
  const announcing = { addressOf: () => ({ bucket: null, key: "x" }), now: noon, announceEvents: true, labels };
  const [trials, turns] = await turnsOf(tryPattern({ source: ["gatepost"] }, events, announcing));
  expect(trials).toHaveLength(50);
  expect(turns).toBeGreaterThan(40);
});
