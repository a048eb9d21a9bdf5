import { relayOutbox } from "@gatepost/core/actions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let hook: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime();
  hook = await deps.subscriber();
  await deps.setRules([rule("register", hook.url)]);
});
afterEach(() => deps.close());

const now = () => deps.runtime.ingest.clock();
const relay = () => relayOutbox(deps.runtime.ingest);

/** Leases as the relay does. Returns the names of the events. */
async function leased(limit = 100): Promise<string[]> {
  const lease = { before: now() - minute, until: now() + minute, limit };
  const taken = await deps.runtime.ingest.actions.lease(lease);
  return taken.map(({ action }) => action.id);
}

describe("an action that waits while the clock is set back by hours", () => {
  it("is announced once, before later actions", async () => {
    const before = await deps.stored("before");
    deps.setClock(now() - 8 * hour);
    const since = await deps.stored("since");
    deps.setClock(now() + 2 * minute);
    expect(await leased(1)).toEqual([before.id]);
    expect(await leased(1)).toEqual([since.id]);
    deps.setClock(now() + minute);
    expect(await relay()).toEqual({ announced: 2, failed: 0 });
    expect(await relay()).toEqual({ announced: 0, failed: 0 });
    await deps.settle();
    expect(hook.delivered.map(({ headers }) => headers["webhook-id"]).toSorted()).toEqual(
      [before.id, since.id].toSorted(),
    );
  });

  it("is leased again, because its lease is over", async () => {
    const { id } = await deps.stored("a");
    deps.setClock(now() + minute);
    expect(await leased()).toEqual([id]);
    deps.setClock(now() - 8 * hour);
    expect(await leased()).toEqual([id]);
    expect(await leased()).toEqual([]);
  });

  it("stays leased and waits if the clock was set back by seconds", async () => {
    await deps.stored("fresh");
    deps.setClock(now() - 59_000);
    expect(await leased()).toEqual([]);
    deps.setClock(now() + 2 * minute);
    expect(await leased()).toHaveLength(1);
    deps.setClock(now() - 30_000);
    expect(await leased()).toEqual([]);
  });
});
