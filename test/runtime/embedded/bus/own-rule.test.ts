import { checkBox } from "@gatepost/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";

import { action, upsert } from "../../../contract/samples.ts";
import { type ClockedRuntime, clockedRuntime, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
beforeEach(async () => {
  deps = await clockedRuntime();
});
afterEach(() => deps.close());

/** Stores the event of a check, and puts its announcement on the bus. */
async function check(name: string): Promise<string> {
  const { ingest } = deps.runtime;
  const enqueued = action(name, "1002");
  const { event } = await ingest.index.upsert(upsert(name, { box: checkBox, action: enqueued }));
  if (event === null) throw new Error(`${name} is stored already`);
  await ingest.bus.put({
    source: "gatepost",
    id: enqueued.id,
    detailType: "Gatepost Test",
    time: enqueued.at,
    detail: { idempotency_key: enqueued.id, event: { id: event.id }, photo: null },
  });
  return event.id;
}

const stateOf = async (id: string) => (await deps.runtime.reads.events.get(id))?.actions[0]?.state;

it("a check is received by Gatepost itself, once its worker delivers", async () => {
  const id = await check("a");
  expect(await stateOf(id)).toBe("pending");
  await deps.settle();
  expect(await stateOf(id)).toBe("done");
  expect((await deps.runtime.reads.deliveries.list(null, { limit: 10, cursor: null })).items).toEqual([]);
});

it("a check is also put into the queue of a rule that matches everything", async () => {
  await deps.setRules([rule("all", "https://subscriber.example/hook")]);
  await check("a");
  const waiting = await deps.runtime.reads.deliveries.list(null, { limit: 10, cursor: null });
  expect(waiting.items.map(({ rule, detailType }) => [rule, detailType])).toEqual([
    ["all", "Gatepost Test"],
    ["gatepost-check", "Gatepost Test"],
  ]);
});

it("a check that cannot be delivered now is delivered later, also after a restart", async () => {
  const id = await check("a");
  const { events } = deps.runtime.reads;
  const { get } = events;
  events.get = () => Promise.reject(new Error("not now"));
  await deps.settle();
  expect((await deps.runtime.reads.deliveries.list(checkBox, { limit: 10, cursor: null })).items).toMatchObject([
    { tries: 1, lastAnswer: "not now" },
  ]);
  events.get = get;
  await deps.restart();
  await deps.advance(10 * minute);
  expect(await stateOf(id)).toBe("done");
});
