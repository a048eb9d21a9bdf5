import type { Job } from "@gatepost/client";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { writeEvent } from "../../../../packages/receive/src/deliver/writes.ts";
import { report, upsert } from "../../../contract/samples.ts";
import { WecomRobot } from "../../../standins/channels/wecom.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
beforeEach(async () => {
  deps = await clockedRuntime({ announceEvents: true });
  onTestFinished(() => deps.close());
});

const actions = { detail: { want_action: ["1001"] } };
const hourAgo = () => deps.runtime.ingest.clock() - 24 * hour;
const none = {
  sent: 0,
  had: 0,
  tooOld: 0,
  declined: 0,
  done: 0,
  withheld: 0,
  pending: 0,
  unmatched: 0,
  dead: 0,
  held: 0,
  gone: 0,
};

async function ask(method: string, path: string, sent?: object, token = deps.runtime.adminToken) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await deps.runtime.api.request(path, { method, headers, ...(sent && { body: JSON.stringify(sent) }) });
  const body: Job & { detail: string; token: string } = answer.status === 204 ? null : JSON.parse(await answer.text());
  return { status: answer.status, body };
}

const resend = (name: string, more: object = {}, token?: string) =>
  ask("POST", `/v1/rules/${name}/resend`, { from: hourAgo(), ...more }, token);

const jobNow = async (id: string): Promise<Job> => (await ask("GET", `/v1/jobs/${id}`)).body;

/** Lets the job go on, which looks again after a second. */
async function goOn(): Promise<void> {
  deps.setClock(deps.runtime.ingest.clock() + 2000);
  await deps.runtime.jobs.queue.push();
}

/** The job, once it has ended. */
async function ended(id: string): Promise<Job> {
  await expect
    .poll(async () => {
      await goOn();
      return (await jobNow(id)).endedAt;
    })
    .not.toBeNull();
  return jobNow(id);
}

/** The job, once all that it puts is delivered. */
async function delivered(id: string): Promise<Job> {
  await expect
    .poll(async () => {
      await goOn();
      await deps.settle();
      return (await jobNow(id)).endedAt;
    })
    .not.toBeNull();
  return jobNow(id);
}

async function resent(name: string, more: object = {}): Promise<Job> {
  const { status, body } = await resend(name, more);
  expect(status, JSON.stringify(body)).toBe(202);
  return delivered(body.id);
}

/** Actions that no rule heard of, announced. */
async function missed(...names: string[]) {
  const entries = [];
  for (const name of names) {
    const entry = await deps.stored(name, "1001", { time: deps.runtime.ingest.clock() });
    await deps.runtime.ingest.actions.markAnnounced(entry.id, false);
    entries.push(entry);
    deps.setClock(deps.runtime.ingest.clock() + 1000);
  }
  return entries;
}

it("sends a new rule what it has not had, with the same ids, once", async () => {
  const [a, b] = await missed("a", "b");
  const hook = await deps.subscriber();
  await deps.setRules([{ ...rule("desk", hook.url), pattern: actions }]);
  expect((await resent("desk", { dryRun: true })).result).toEqual({ ...none, sent: 2, unmatched: 2 });
  await deps.settle();
  expect(hook.delivered).toEqual([]);
  expect((await resent("desk")).result).toMatchObject({ sent: 2, had: 0 });
  await deps.settle();
  expect(hook.envelopes.map(({ detail }) => detail)).toMatchObject(
    [a, b].map((entry) => ({ idempotency_key: entry?.id, repeat: true, late: true })),
  );
  expect(hook.delivered.map(({ headers }) => headers["webhook-id"])).toEqual([a?.id, b?.id]);
  expect((await resent("desk")).result).toMatchObject({ sent: 0, had: 2 });
  await deps.settle();
  expect(hook.delivered).toHaveLength(2);
});

const decline = (id: string | undefined) => ask("POST", `/v1/actions/${id}`, { state: "declined", reason: "delivery" });

/** A rule that is on, and its webhook. */
async function desk(more: object = {}) {
  const hook = await deps.subscriber();
  const written = { ...rule("desk", hook.url), pattern: actions, ...more };
  await deps.setRules([written]);
  return { hook, written };
}

const waiting = async () => (await deps.runtime.reads.deliveries.list("desk", { limit: 500, cursor: null })).items;

/** The job of a resend that has put so many entries; none is delivered yet. */
async function begun(count: number): Promise<string> {
  const { body } = await resend("desk");
  await deps.runtime.jobs.queue.push();
  await expect.poll(async () => (await waiting()).length).toBeGreaterThanOrEqual(count);
  return body.id;
}

it("sends only actions that are open, and counts the others", async () => {
  const [declined, done, failed] = await missed("declined", "done", "failed");
  const withheld = await deps.stored("withheld");
  await deps.stored("pending");
  const outbox = deps.runtime.ingest.actions;
  await outbox.withhold(withheld.id, "fiqa_result is false");
  await outbox.settle(done?.id ?? "", "done", null);
  await outbox.settle(failed?.id ?? "", "failed", "no room");
  expect((await decline(declined?.id)).status).toBe(200);
  deps.setClock(deps.runtime.ingest.clock() + 1000);
  const { hook } = await desk();
  const counts = { ...none, sent: 1, declined: 1, done: 1, withheld: 1, pending: 1, unmatched: 5 };
  expect((await resent("desk")).result).toEqual(counts);
  await deps.settle();
  expect(hook.envelopes.map(({ detail }) => detail.idempotency_key)).toEqual([failed?.id]);
});

it("does not send an action that is declined while its entry waits", async () => {
  const [entry] = await missed("a");
  const { hook } = await desk();
  await begun(1);
  await decline(entry?.id);
  await deps.settle();
  expect(hook.delivered).toEqual([]);
  expect(await waiting()).toEqual([]);
});

it("counts as sent only what was, not what was declined or erased while it waited", async () => {
  const [declined, sent, erased] = await missed("declined", "sent", "erased");
  const { hook } = await desk();
  const id = await begun(3);
  await decline(declined?.id);
  await ask("DELETE", `/v1/events/${erased === undefined ? "" : eventOf(erased)}`);
  expect((await delivered(id)).result).toMatchObject({ sent: 1, declined: 1, gone: 1 });
  expect(hook.envelopes.map(({ detail }) => detail.idempotency_key)).toEqual([sent?.id]);
});

it("counts alerts apart that a cooldown holds", async () => {
  const robot = new WecomRobot(() => deps.runtime.ingest.clock());
  await robot.listen();
  onTestFinished(() => robot.close());
  await missed("a", "b", "c");
  const target = { type: "wecom", url: robot.url, cooldownSeconds: 3600 };
  await deps.setRules([{ ...rule("people", ""), pattern: actions, target }]);
  expect((await resent("people")).result).toEqual({ ...none, sent: 1, held: 2, unmatched: 3 });
  expect(robot.texts).toHaveLength(1);
  expect((await resent("people")).result).toMatchObject({ sent: 0, had: 3, held: 0 });
});

it("sends nothing of an erased event, also if its entry waits", async () => {
  const entries = await missed("a", "b");
  const { hook } = await desk();
  const erase = (entry: (typeof entries)[number]) => ask("DELETE", `/v1/events/${eventOf(entry)}`);
  for (const entry of entries.slice(0, 1)) await erase(entry);
  await begun(1);
  expect(await waiting()).toHaveLength(1);
  for (const entry of entries) await erase(entry);
  await deps.settle();
  expect(hook.delivered).toEqual([]);
});

it("sends recorded events in their order, behind live entries", async () => {
  for (const name of ["late", "early"]) {
    const time = deps.runtime.ingest.clock() - (name === "early" ? hour : minute);
    await writeEvent(upsert(name, { report: report({ time }) }), deps.runtime.ingest);
  }
  const { hook } = await desk({ pattern: { source: ["gatepost"] } });
  await begun(2);
  const live = await deps.announce("live");
  await deps.settle();
  const heard = hook.envelopes.map(({ detail }) => [detail.event.id, detail["repeat"] === true]);
  expect(heard.map(([, isRepeat]) => isRepeat)).toEqual([false, true, true]);
  expect(heard[0]?.[0]).toBe(eventOf(live));
});

it("gives a rule for what is not late nothing", async () => {
  await missed("a");
  deps.setClock(deps.runtime.ingest.clock() + 2 * minute);
  await desk({ maxAgeSeconds: 60 });
  expect((await resent("desk")).result).toMatchObject({ sent: 0, tooOld: 1 });
  await desk({ pattern: { detail: { ...actions.detail, late: [false] } } });
  expect((await resent("desk")).result).toMatchObject({ sent: 0, unmatched: 2 });
});

/** More entries than may wait at once, and a job that waits for room. */
async function half() {
  await missed(...Array.from({ length: 130 }, (_, n) => `event ${n}`));
  return { ...(await desk()), id: await begun(100) };
}

it("waits for room behind its entries, and goes on after a restart without a double", async () => {
  const { id, hook } = await half();
  await deps.restart();
  expect((await delivered(id)).result).toMatchObject({ sent: 130, had: 0 });
  expect(new Set(hook.delivered.map(({ headers }) => headers["webhook-id"])).size).toBe(130);
  expect(hook.delivered).toHaveLength(130);
});

it("lasts until its last entry is delivered, and shows how far it is", async () => {
  await missed("a", "b", "c");
  const { hook } = await desk();
  const id = await begun(3);
  await goOn();
  await expect.poll(() => jobNow(id)).toMatchObject({ state: "running", of: 3 });
  expect((await jobNow(id)).done).toBeLessThan(3);
  await deps.settle();
  expect(hook.delivered).toHaveLength(3);
  expect(await ended(id)).toMatchObject({ state: "done", done: 3, of: 3, result: { sent: 3 } });
});

describe.each([
  ["that waits for room", () => half()],
  ["whose last entry is put", () => missed("a", "b").then(async () => ({ ...(await desk()), id: await begun(2) }))],
])("a job %s", (_, begin) => {
  it.each([
    ["switched off", { isOn: false }, "the rule is off"],
    ["changed", { maxAgeSeconds: 86_400 }, "the rule was changed since"],
    ["removed", null, "there is no such rule any more"],
  ])("ends when the rule is %s, and takes back what waits", async (_, change, reason) => {
    const { id, hook, written } = await begin();
    await deps.setRules(change === null ? [] : [{ ...written, ...change }]);
    await deps.settle();
    expect(hook.delivered).toEqual([]);
    expect(await ended(id)).toMatchObject({ state: "failed", reason: expect.stringContaining(reason) });
    await deps.settle();
    expect([await waiting(), await deps.deadLetters(), hook.delivered]).toEqual([[], [], []]);
  });

  it("takes back what waits when it is stopped, and sends it when it is asked for again", async () => {
    const { id, hook } = await begin();
    const before = await waiting();
    expect((await ask("DELETE", `/v1/jobs/${id}`)).status).toBe(204);
    expect(await waiting()).toEqual([]);
    const again = await resent("desk");
    expect(again.state).toBe("done");
    expect(hook.delivered.length).toBeGreaterThanOrEqual(before.length);
    expect(hook.delivered).toHaveLength((again.result as { sent: number }).sent);
  });

  it("takes back what waits when its target takes nothing", async () => {
    const { id, hook } = await begin();
    hook.answer(503);
    await deps.advance(8 * minute);
    expect(await ended(id)).toMatchObject({ state: "failed", reason: expect.stringContaining("takes nothing") });
    expect(await waiting()).toEqual([]);
  });
});

it("does not send an entry again that is under way when the job is stopped", async () => {
  await missed("a", "b");
  const { hook } = await desk();
  const id = await begun(2);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  hook.behaviour = (response) => {
    hook.accept();
    void answered.then(() => response.writeHead(204).end());
  };
  await deps.runtime.bus.tick();
  await expect.poll(() => hook.delivered.length).toBe(1);
  expect((await ask("DELETE", `/v1/jobs/${id}`)).status).toBe(204);
  answer();
  await deps.settle();
  expect(hook.delivered).toHaveLength(1);
  expect((await resent("desk")).result).toMatchObject({ sent: 1, had: 1 });
  expect(hook.delivered).toHaveLength(2);
});

it("sends nothing of a stopped job after a restart, also if the process ended before it took its entries back", async () => {
  await missed("a", "b");
  const { hook } = await desk();
  const id = await begun(2);
  const { store } = deps.runtime.jobs;
  await expect
    .poll(async () => {
      const job = await store.get(id);
      return job !== null && store.advance(job, { ...job, state: "stopped", endedAt: deps.runtime.ingest.clock() });
    })
    .toBe(true);
  expect(await waiting()).toHaveLength(2);
  await deps.restart();
  await deps.settle();
  expect([await waiting(), hook.delivered]).toEqual([[], []]);
});

it("puts no entry for a job that was stopped meanwhile", async () => {
  const [entry] = await missed("a");
  if (entry === undefined) throw new Error("nothing was announced");
  await desk();
  const id = await begun(1);
  expect((await ask("DELETE", `/v1/jobs/${id}`)).status).toBe(204);
  await deps.runtime.bus.putAgain(entry, { rule: "desk", version: "1", job: id });
  expect(await waiting()).toEqual([]);
});

it("refuses a second resend of a rule, one that is off, and one whose target takes nothing", async () => {
  const { id, hook, written } = await half();
  expect(await resend("desk")).toMatchObject({ status: 409, body: { detail: expect.stringContaining(id) } });
  await ask("DELETE", `/v1/jobs/${id}`);
  await deps.setRules([{ ...written, isOn: false }]);
  expect(await resend("desk")).toMatchObject({ status: 409, body: { detail: expect.stringContaining("is off") } });
  expect((await resent("desk", { dryRun: true })).result).toMatchObject({ sent: 130 });
  await deps.setRules([written]);
  hook.answer(503);
  await deps.announce("live");
  await deps.advance(8 * minute);
  expect(await resend("desk")).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("takes nothing") },
  });
});

it("is for callers that see all boxes, and names what is wrong", async () => {
  await desk();
  const make = async (asked: object) => (await ask("POST", "/v1/keys", { note: "n", ...asked })).body.token;
  const limited = await make({ scope: "read", boxes: ["gate-1"] });
  expect((await resend("desk", {}, limited)).status).toBe(403);
  expect((await resend("desk", {}, await make({ scope: "read" }))).status).toBe(403);
  expect((await resend("nowhere")).status).toBe(404);
  expect((await resend("desk", { from: hourAgo() + 48 * hour })).status).toBe(400);
  expect((await resend("desk", { from: "yesterday" })).status).toBe(400);
  expect((await resend("desk", { to: -1 })).status).toBe(400);
  expect((await ask("POST", "/v1/rules/desk/resend", {})).body.detail).toMatch(
    /^from: must be given: it is a time with its zone, as [^;]+$/,
  );
});

it("sends one delivered entry again by hand, also to people, and none of a closed action", async () => {
  const robot = new WecomRobot(() => deps.runtime.ingest.clock());
  await robot.listen();
  onTestFinished(() => robot.close());
  const { hook, written } = await desk();
  await deps.setRules([
    written,
    { ...rule("people", ""), target: { type: "wecom", url: robot.url, cooldownSeconds: 0 } },
  ]);
  const entry = await deps.announce("a");
  await deps.runtime.ingest.actions.markAnnounced(entry.id, true);
  await deps.settle();
  expect([hook.delivered.length, robot.texts.length]).toEqual([1, 1]);
  deps.setClock(deps.runtime.ingest.clock() + 10 * minute);
  const ofEvent = async () => (await deps.runtime.reads.deliveries.ofEvents([eventOf(entry)])).get(entry.id) ?? [];
  const send = async () => {
    const outcomes = [];
    for (const { id } of await ofEvent()) outcomes.push((await ask("POST", `/v1/deliveries/${id}/send`)).status);
    await deps.settle();
    return outcomes;
  };
  expect(await send()).toEqual([200, 200]);
  expect([hook.delivered.length, robot.texts.length]).toEqual([2, 2]);
  expect(hook.envelopes[1]?.detail).toMatchObject({ idempotency_key: entry.id, repeat: true });
  expect((await ofEvent()).map(({ state, tries }) => [state, tries])).toEqual([
    ["delivered", 1],
    ["delivered", 1],
  ]);
  await deps.runtime.ingest.actions.settle(entry.id, "done", null);
  expect(await send()).toEqual([409, 409]);
});
