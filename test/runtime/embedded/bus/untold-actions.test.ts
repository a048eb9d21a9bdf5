import { DatabaseSync } from "node:sqlite";
import { relayOutbox, relayUntold } from "@gatepost/core/actions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toldColumn } from "../../../../packages/embedded/src/db/schema/actions.ts";
import { schema } from "../../../../packages/embedded/src/db/schema.ts";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let hook: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime();
  hook = await deps.subscriber();
});
afterEach(() => deps.close());

const day = 24 * hour;
const now = () => deps.runtime.ingest.clock();
const delivered = () => hook.delivered.map(({ headers }) => headers["webhook-id"]);
const details = () => hook.delivered.map(({ envelope }) => envelope.detail);
const told = async (id: string) => (await deps.runtime.reads.actionReader.get(id))?.told;

/** Stores actions, and announces them a minute later, while there is no rule. */
async function announced(...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) ids.push((await deps.stored(name)).id);
  deps.setClock(now() + minute);
  await relayOutbox(deps.runtime.ingest);
  return ids;
}

async function relay(): Promise<void> {
  await relayUntold(deps.runtime.ingest);
  await deps.settle();
}

describe("an action for which no rule matched", () => {
  it("waits, and goes to the first rule that matches, marked late, before later ones", async () => {
    const [first = ""] = await announced("a");
    const [second = ""] = await announced("b");
    expect([await told(first), await told(second)]).toEqual([false, false]);
    await deps.setRules([{ ...rule("photos", hook.url), pattern: { detail: { want_action: ["1002"] } } }]);
    await relay();
    expect([delivered(), await told(first)]).toEqual([[], false]);
    await deps.setRules([rule("register", hook.url)]);
    await relay();
    expect(delivered()).toEqual([first, second]);
    expect(details()).toMatchObject([{ late: true }, { late: true }]);
    expect([await told(first), await told(second)]).toEqual([true, true]);
    await deps.setRules([rule("register", hook.url), rule("later", hook.url)]);
    await relay();
    expect(delivered()).toHaveLength(2);
  });

  it("is late even if it waited for seconds, by an outage", async () => {
    const { id } = await deps.stored("a", "1001", { time: now() });
    await deps.runtime.ingest.actions.markAnnounced(id, false);
    await deps.setRules([rule("register", hook.url)]);
    await relay();
    expect(details()).toMatchObject([{ late: true, late_reason: "outage", age_ms: 0 }]);
  });

  it.each([
    [
      "declined",
      (id: string) =>
        deps.runtime.reads.orders.order(id, { kind: "decline", person: "person 1", reason: null, note: null }, "key_1"),
    ],
    ["done", (id: string) => deps.runtime.ingest.actions.settle(id, "done", null)],
    ["erased", (id: string) => deps.runtime.reads.eraser.eraseEvent(`evt_${id.slice(4, -5)}`)],
  ])("goes to no rule once it is %s", async (_, end) => {
    const [id = "", other = ""] = await announced("a", "b");
    await end(id);
    await deps.setRules([rule("register", hook.url)]);
    await relay();
    expect(delivered()).toEqual([other]);
  });

  it("waits for 14 days", async () => {
    const [old = ""] = await announced("a");
    const [young = ""] = await announced("b");
    deps.setClock(now() + 14 * day);
    await deps.setRules([rule("register", hook.url)]);
    await relay();
    expect(delivered()).toEqual([young]);
    expect(await told(old)).toBe(false);
  });

  it("waits on while rules are off or drop it for its age", async () => {
    const [id = ""] = await announced("a");
    await deps.setRules([rule("off", hook.url, { isOn: false }), rule("door", hook.url, { maxAgeSeconds: 5 })]);
    await relay();
    expect([delivered(), await told(id)]).toEqual([[], false]);
    await deps.setRules([rule("off", hook.url)]);
    await relay();
    expect([delivered(), await told(id)]).toEqual([[id], true]);
  });

  it("is a dead letter if its rule was removed before it had the entry", async () => {
    const [id = ""] = await announced("a");
    hook.answer(500);
    await deps.setRules([rule("register", hook.url)]);
    await relay();
    await deps.setRules([]);
    await deps.settle();
    expect(await deps.deadLetters()).toMatchObject([{ rule: "register", entry: id }]);
  });

  it("arrives once if the process ends before it has noted that", async () => {
    const [id = ""] = await announced("a");
    await deps.setRules([rule("register", hook.url)]);
    const { actions } = deps.runtime.ingest;
    const { markAnnounced } = actions;
    actions.markAnnounced = () => Promise.reject(new Error("the process ended"));
    expect(await relayUntold(deps.runtime.ingest)).toMatchObject({ told: 0, failed: 1 });
    actions.markAnnounced = markAnnounced;
    await deps.restart();
    expect(await told(id)).toBe(false);
    await relay();
    await relay();
    expect(delivered()).toEqual([id]);
    expect(await told(id)).toBe(true);
  });

  it("goes to new rules if its announcement had begun by the former ones", async () => {
    const { id } = await deps.stored("a");
    await deps.setRules([rule("register", hook.url)]);
    await relay();
    await deps.runtime.ingest.actions.markAnnounced(id, false);
    expect([delivered(), await told(id)]).toEqual([[id], true]);
  });

  it("is found in a folder of an earlier version, if it has no delivery", () => {
    const database = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false });
    const { steps } = schema;
    const told = steps.indexOf(toldColumn);
    for (const step of steps.slice(0, told)) database.exec(step);
    database.exec(`INSERT INTO actions (id, event_id, want_action, state, at)
        VALUES ('act_a', 'evt_a', '1001', 'announced', 1), ('act_b', 'evt_b', '1001', 'announced', 1);
      INSERT INTO deliveries (rule, entry_id, detail_type, state, since, due_at) VALUES ('r', 'act_a', 't', 'dead', 1, 1)`);
    database.exec(toldColumn);
    expect(database.prepare("SELECT id, is_told FROM actions ORDER BY id").all()).toEqual([
      { id: "act_a", is_told: 1 },
      { id: "act_b", is_told: 0 },
    ]);
    database.close();
  });

  it("does not keep a report waiting, however many wait", async () => {
    await announced(...Array.from({ length: 300 }, (_, n) => `waiting ${n}`));
    await deps.setRules([rule("register", hook.url)]);
    const all = relayUntold(deps.runtime.ingest);
    const live = await deps.stored("live", "1002");
    const before = await deps.runtime.reads.actionReader.list({ isTold: true }, { limit: 500, cursor: null });
    expect(before.items.length).toBeLessThan(300);
    await all;
    await deps.settle();
    expect(delivered()).toContain(live.id);
  });
});
