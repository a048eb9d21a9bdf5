import { afterEach, expect, it } from "vitest";
import { noon, report, upsert } from "../../contract/samples.ts";
import { type ClockedRuntime, clockedRuntime, minute, rule } from "./bus/clocked-runtime.ts";

let deps: ClockedRuntime;
afterEach(() => deps.close());

it("a visitor who arrives is queued once for the rule of the host, also after a restart", async () => {
  deps = await clockedRuntime();
  const pattern = (host: string) => ({
    "detail-type": ["Visitor Arrived"],
    detail: { visit: { host: [host] }, flags: [{ exists: false }] },
  });
  const url = "http://127.0.0.1:1/visits";
  await deps.setRules([
    rule("grace", url, { pattern: pattern("Grace") }),
    rule("early", url, { pattern: { "detail-type": ["Visitor Arrived"], detail: { flags: ["before-visit"] } } }),
    rule("ada", url, { pattern: pattern("Ada") }),
  ]);
  await deps.runtime.checkVisits();
  const times = { madeAt: noon, begins: noon + 5 * minute, ends: noon + 60 * minute };
  const facts = { action: "act_1", person: "7", name: "赵强", host: "Grace", boxes: ["gate-1"] };
  await deps.runtime.reads.visits.set({ ...facts, ...times }, noon);
  const pass = (event: string, minutes: number) => {
    const time = noon + minutes * minute;
    const sent = report({ receivedAt: time, time, person: { id: "7", type: "visitor" } });
    return deps.runtime.ingest.index.upsert(upsert(event, { now: time, report: sent, fingerprint: event }));
  };
  await pass("early", 1);
  await pass("a", 6);
  await deps.restart();
  deps.setClock(noon + 7 * minute);
  for (const _ of [1, 2]) await deps.runtime.checkVisits();
  await deps.restart();
  await pass("b", 7);
  await deps.runtime.checkVisits();
  const { items } = await deps.runtime.reads.deliveries.list(null, { limit: 100, cursor: null });
  expect(items.map((one) => [one.rule, one.detailType, one.event]).sort()).toEqual([
    ["early", "Visitor Arrived", upsert("early").eventId],
    ["grace", "Visitor Arrived", upsert("a").eventId],
  ]);
});
