import { afterEach, expect, it } from "vitest";
import { noon, report, upsert } from "../../contract/samples.ts";
import { type ClockedRuntime, clockedRuntime, minute, rule } from "./bus/clocked-runtime.ts";

let deps: ClockedRuntime;
afterEach(() => deps.close());

it("an unacknowledged alarm is queued for a rule once, also after a restart", async () => {
  deps = await clockedRuntime();
  const url = "http://127.0.0.1:1/alarms";
  await deps.setRules([rule("a", url, { pattern: { "detail-type": ["Alarm Not Acknowledged"] } })]);
  await deps.runtime.checkAlarms();
  await deps.runtime.ingest.index.upsert(upsert("a", { report: report({ person: { id: "7", type: "blacklist" } }) }));
  await deps.runtime.checkAlarms();
  await deps.restart();
  deps.setClock(noon + 6 * minute);
  for (const _ of [1, 2]) await deps.runtime.checkAlarms();
  const { items } = await deps.runtime.reads.deliveries.list(null, { limit: 100, cursor: null });
  const { eventId } = upsert("a");
  expect(items).toMatchObject([{ rule: "a", detailType: "Alarm Not Acknowledged", event: eventId }]);
});
