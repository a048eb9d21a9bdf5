import { relayOutbox } from "@gatepost/core/actions";
import { checkBox, checkLifetimeMs, type PersonType } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, realtime } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});
afterEach(() => {
  vi.useRealTimers();
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });
const update = () => fixture("history-nested", "update-photo");
const stateOf = () => deps.events()[0]?.actions[0]?.state;

describe("an event of which browsers are notified", () => {
  const notifying = (...types: PersonType[]) =>
    Object.assign(deps, { notifiesOf: (of: PersonType) => types.includes(of) });

  it("is announced, and an event of another person is not", async () => {
    notifying("blacklist");
    await post(history({}, { person_type: 3 }));
    await post(history({ identity_id: "other" }));
    expect(deps.announced.map(({ detailType }) => detailType)).toEqual(["Face Event Recorded"]);
  });

  it("is not announced if its report says nothing of a person", async () => {
    notifying("stranger", "blacklist", "unknown");
    await post(fixture("history-nested", "update-photo"));
    expect(deps.announced.map(({ detailType }) => detailType)).toEqual(["Base Photo Update Requested"]);
  });
});

describe("the report that enqueued an action", () => {
  it("announces it, and notes that it did", async () => {
    await post(update());
    expect(deps.announced.map(({ detailType }) => detailType)).toEqual(["Base Photo Update Requested"]);
    expect(stateOf()).toBe("announced");
  });

  it("announces a check as a test, and expires its event within an hour", async () => {
    deps.settings = { ...deps.settings, announceEvents: true };
    const check = deps.addKey("ingest", checkBox);
    await send(deps, { path: `/${check}/HistoryEvent`, body: update() });
    expect(deps.announced.map(({ detailType }) => detailType)).toEqual(["Gatepost Test"]);
    const [event] = deps.events();
    deps.now += checkLifetimeMs - 1;
    expect(await deps.reads.events.get(event?.id ?? "")).not.toBeNull();
    deps.now += 1;
    expect(await deps.reads.events.get(event?.id ?? "")).toBeNull();
  });

  it("names the picture as the store addresses it", async () => {
    await post(update());
    expect(deps.announced[0]?.detail).toMatchObject({
      photo: { key: expect.stringMatching(/^2026-03\/face\/[0-9a-f]{64}$/) },
    });
  });

  it("adds a link to the photo if the public address is known", async () => {
    const link = { url: "https://gate.example/v1/pictures/x", expires: "2026-03-05T08:00:00.000Z" };
    deps.photoLink = () => link;
    await post(update());
    expect(deps.announced[0]?.detail).toMatchObject({ photo: { key: expect.any(String), link } });
  });

  it("leaves the action pending and logs an error if the bus fails", async () => {
    const cause = new Error("no bus");
    deps.failing.set("bus", cause);
    expect(await post(update())).toEqual(success);
    expect(stateOf()).toBe("pending");
    expect(deps.lines).toEqual([
      { level: "warn", message: "not announced", facts: { cause, event: deps.events()[0]?.id } },
    ]);
  });

  it("is acknowledged even if the bus never answers", async () => {
    vi.useFakeTimers();
    deps.bus.put = () => new Promise(() => {});
    const answer = post(update());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await answer).toEqual(success);
    expect(stateOf()).toBe("pending");
  });

  it("stays pending if the bus takes it after its acknowledgement", async () => {
    vi.useFakeTimers();
    const taken = Promise.withResolvers<boolean>();
    deps.bus.put = () => taken.promise;
    const answer = post(update());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await answer).toEqual(success);
    taken.resolve(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([deps.announced, stateOf()]).toEqual([[], "pending"]);
  });
});

describe("an event that asks for nothing", () => {
  it("is not announced", async () => {
    await post(history());
    expect(deps.announced).toEqual([]);
  });

  it("is announced once if the deployment wants every event", async () => {
    deps.settings.announceEvents = true;
    await post(history());
    await post(history());
    await send(deps, { path: `/${token}/RealTimeEvent`, body: realtime() });
    expect(deps.announced.map(({ detailType, id }) => [detailType, id])).toEqual([
      ["Face Event Recorded", deps.events()[0]?.id],
    ]);
  });
});

it("the sweep, not a repeat, announces an event once whose announcement was cut short", async () => {
  deps.settings.announceEvents = true;
  deps.failing.set("bus", new Error("no bus"));
  expect(await post(history())).toEqual(success);
  deps.failing.clear();
  expect(await post(history())).toEqual(success);
  expect(deps.announced).toEqual([]);
  deps.now += 60_000;
  expect(await relayOutbox(deps)).toEqual({ announced: 1, failed: 0 });
  deps.now += 10 * 60_000;
  expect(await relayOutbox(deps)).toEqual({ announced: 0, failed: 0 });
  const recorded = { detailType: "Face Event Recorded", id: deps.events()[0]?.id };
  expect(deps.announced).toMatchObject([recorded]);
});

it("announces an event in addition to its action if the deployment wants every event", async () => {
  deps.settings.announceEvents = true;
  await post(update());
  expect(deps.announced.map(({ detailType }) => detailType)).toEqual([
    "Base Photo Update Requested",
    "Face Event Recorded",
  ]);
});
