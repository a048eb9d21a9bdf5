import { relayOutbox } from "@gatepost/core/actions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { upsert } from "../../../contract/samples.ts";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let hook: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime({ announceEvents: true });
  hook = await deps.subscriber();
  const pattern = { "detail-type": ["Face Event Recorded"] };
  await deps.setRules([{ ...rule("blacklist", hook.url), pattern }]);
});
afterEach(() => deps.close());

const now = () => deps.runtime.ingest.clock();
const relay = () => relayOutbox(deps.runtime.ingest);

/** Stores an event as a process does that ends before it could announce it. */
async function stored(name: string): Promise<string> {
  const entry = upsert(name, { isAwaited: true, now: now(), expiresAt: now() + 24 * hour });
  await deps.runtime.ingest.index.upsert(entry);
  return entry.eventId;
}

async function leased(limit = 100): Promise<string[]> {
  const taken = await deps.runtime.ingest.eventOutbox.lease({ before: now() - minute, until: now() + minute, limit });
  return taken.map(({ id }) => id);
}

describe("an event whose process ended before it was announced", () => {
  it("is announced once to its subscribers", async () => {
    const id = await stored("a");
    expect(await relay()).toEqual({ announced: 0, failed: 0 });
    deps.setClock(now() + minute);
    expect(await Promise.all([relay(), relay()])).toContainEqual({ announced: 1, failed: 0 });
    deps.setClock(now() + hour);
    expect(await relay()).toEqual({ announced: 0, failed: 0 });
    await deps.settle();
    expect(hook.delivered.map(({ headers }) => headers["webhook-id"])).toEqual([id]);
  });

  it("waits while its receivers are unknown, and is then announced once", async () => {
    await stored("a");
    await deps.setRules("no JSON");
    deps.setClock(now() + minute);
    expect(await relay()).toEqual({ announced: 0, failed: 1 });
    await deps.setRules([{ ...rule("all", hook.url), pattern: { source: ["gatepost"] } }]);
    deps.setClock(now() + minute);
    expect(await relay()).toEqual({ announced: 1, failed: 0 });
  });

  it("is not announced after its erasure", async () => {
    const id = await stored("a");
    expect(await deps.runtime.reads.eraser.eraseEvent(id)).toBe(true);
    deps.setClock(now() + minute);
    expect(await relay()).toEqual({ announced: 0, failed: 0 });
  });
});

describe("an event that waits while the clock is set back by hours", () => {
  it("is announced, and before later events", async () => {
    const before = await stored("before");
    deps.setClock(now() - 8 * hour);
    const since = await stored("since");
    deps.setClock(now() + 2 * minute);
    expect([await leased(1), await leased(1)]).toEqual([[before], [since]]);
  });

  it("is leased again, because its lease is over", async () => {
    const id = await stored("a");
    deps.setClock(now() + minute);
    expect(await leased()).toEqual([id]);
    deps.setClock(now() - 8 * hour);
    expect([await leased(), await leased()]).toEqual([[id], []]);
  });
});
