import type { Event } from "@gatepost/client";
import { expect, it, vi } from "vitest";
import { awaited, openPage, passing } from "./support.ts";

const blacklist = { id: "fg2", type: "blacklist" } as const;
/** More than are shown of those that come unseen. */
const many = Array.from({ length: 230 }, (_, n) => passing(`later-${n}`, {}, n));
const asNew = { isUpdate: false, isCatchUp: false };
const asUpdate = { isUpdate: true, isCatchUp: false };

async function openLive(stored: readonly Event[] | null = null) {
  const page = await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    return stored === null ? 503 : { events: stored, next: null, seen: [] };
  });
  const arrivals = await import("../../../packages/console/src/state/live/arrivals.ts");
  const { standing } = await import("../../../packages/console/src/state/live/standing.ts");
  const away = {
    paused: (isAway: boolean) => arrivals.pause(isAway),
    hidden: (isAway: boolean) => page.hide(isAway),
  };
  return { ...page, ...arrivals, away, standing };
}

const reasons = ["paused", "hidden"] as const;

it.each(reasons)("keeps a person on the blacklist who passed while it was %s", async (reason) => {
  const { arrive, away, paint, standing } = await openLive();
  away[reason](true);
  arrive(passing("first", blacklist), asNew);
  for (const event of many) arrive(event, asNew);
  away[reason](false);
  paint();
  expect(standing.value.map(({ id }) => id)).toEqual(["first"]);
});

it.each(reasons)("changes an event by a report that arrived while it was %s", async (reason) => {
  const { arrive, away, onArrivals, paint, recent, standing } = await openLive();
  arrive(passing("shown", blacklist), asNew);
  paint();
  const notices: string[] = [];
  onArrivals((_, updated) => notices.push(...updated.map(({ id }) => id)));
  away[reason](true);
  arrive(passing("shown", { ...blacklist, name: "Ada" }), asUpdate);
  for (const event of many) arrive(event, asNew);
  away[reason](false);
  paint();
  expect(recent.value.find(({ id }) => id === "shown")?.person.name).toBe("Ada");
  expect(standing.value[0]?.person.name).toBe("Ada");
  expect(notices).toEqual(["shown"]);
});

it.each(reasons)("counts passings alone that are not shown because it was %s, from each time anew", async (reason) => {
  const { arrive, away, paint, unshown } = await openLive();
  const other = reason === "paused" ? "hidden" : "paused";
  for (const surplus of [30, 0]) {
    away[reason](true);
    arrive(passing("shown"), asUpdate);
    for (const event of many.slice(0, 200 + surplus)) arrive(event, asNew);
    away[reason](false);
    paint();
    expect([unshown[reason].value, unshown[other].value]).toEqual([surplus, 0]);
  }
});

it("shows an event once and as it is now, if it changed before painting", async () => {
  const { arrive, onArrivals, paint, recent, standing } = await openLive();
  const notices: (string | null)[] = [];
  onArrivals((arrived) => notices.push(...arrived.map(({ person }) => person.name)));
  for (const name of [null, "Ada"]) arrive(passing("first", { ...blacklist, name }), name === null ? asNew : asUpdate);
  arrive(passing("second"), asNew);
  arrive(passing("first", { ...blacklist, name: "Ada" }), { isUpdate: false, isCatchUp: true });
  paint();
  expect(notices).toEqual(["Ada", null]);
  expect(recent.value.map(({ id, person }) => [id, person.name])).toEqual([
    ["second", null],
    ["first", "Ada"],
  ]);
  expect(standing.value.map(({ person }) => person.name)).toEqual(["Ada"]);
});

it("shows the latest passing with the changes of a later report", async () => {
  const { arrive, paint } = await openLive();
  const { latest } = await import("../../../packages/console/src/state/live/latest.ts");
  for (const id of ["first", "second"]) {
    arrive(passing(id), asNew);
    paint();
  }
  arrive(passing("second", { name: "Ada" }), asUpdate);
  paint();
  expect(latest.value?.id).toBe("first");
  vi.advanceTimersByTime(1500);
  expect([latest.value?.id, latest.value?.person.name]).toEqual(["second", "Ada"]);
});

it.each([false, true])(
  "announces a person whom a later report puts on the blacklist, painted before: %s",
  async (isPainted) => {
    const { arrive, paint, standing } = await openLive();
    const { alerted } = await import("../../../packages/console/src/state/live/alerts.ts");
    arrive(passing("first", { type: "unknown" }), asNew);
    arrive(passing("second", { type: "stranger" }, 1), asNew);
    if (isPainted) paint();
    expect(alerted.value).toBe("");
    arrive(passing("first", blacklist), asUpdate);
    expect(alerted.value).toBe("Blacklist at gate-1");
    paint();
    expect(standing.value.map(({ id }) => id)).toEqual(["first", "second"]);
  },
);

it("announces no event twice that only has another report", async () => {
  const { arrive, paint, standing } = await openLive();
  const { markSeen } = await import("../../../packages/console/src/state/live/standing.ts");
  const { alerted } = await import("../../../packages/console/src/state/live/alerts.ts");
  arrive(passing("first", blacklist), asNew);
  paint();
  markSeen(["first"]);
  vi.advanceTimersByTime(20_000);
  arrive(passing("first", { ...blacklist, name: "Ada" }), asUpdate);
  arrive(passing("of-before", blacklist), asUpdate);
  paint();
  expect([alerted.value, standing.value]).toEqual(["", []]);
});

it("keeps events of the feed while the newest events are requested", async () => {
  const { arrive, fillArrivals, paint, recent } = await openLive([passing("earlier")]);
  const filling = fillArrivals();
  for (const id of ["earlier", "first"]) arrive(passing(id), asNew);
  paint();
  await filling;
  expect(recent.value.map(({ id }) => id)).toEqual(["first", "earlier"]);
});

it("shows no answer to the key before once another user has signed in", async () => {
  const { fillArrivals, recent } = await openLive([passing("earlier")]);
  const { signOut } = await import("../../../packages/console/src/state/session.ts");
  const { recall } = await import("../../../packages/console/src/state/known-events.ts");
  const filling = fillArrivals();
  signOut();
  await filling;
  expect([recent.value, recall("earlier")]).toEqual([[], null]);
});

it("sorts the newest events also when they are requested twice", async () => {
  const [first, second] = [awaited(), awaited()];
  const answers = [first.answer, second.answer];
  const none = { events: [], next: null, seen: [] };
  await openPage(({ path, query }) => {
    if (path !== "/v1/events") return { key: {}, server: {} };
    return query.has("from") ? none : (answers.shift() ?? 503);
  });
  const { beginning, fillArrivals, recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  const filled = [fillArrivals(), fillArrivals()];
  await vi.advanceTimersByTimeAsync(0);
  const listed = (...ids: string[]) => ids.map((id) => passing(id, {}, id.charCodeAt(0)));
  first.give({ events: listed("b", "a"), next: null, seen: [] });
  await filled[0];
  second.give({ events: listed("c", "b"), next: null, seen: [] });
  await filled[1];
  expect([recent.value.map(({ id }) => id), beginning.value.is]).toEqual([["c", "b", "a"], "there"]);
});

it("begins with the events that were received last, also beside a clock ahead", async () => {
  const receivedAt = (id: string, second: number, aheadSeconds = 0) => {
    const { receivedAt: at } = passing(id, {}, second);
    return { ...passing(id, {}, second + aheadSeconds), receivedAt: at };
  };
  const future = Array.from({ length: 60 }, (_, n) => receivedAt(`ahead-${n}`, 10 * n, 7200)).toReversed();
  const past = Array.from({ length: 60 }, (_, n) => receivedAt(`right-${n}`, 10 * n + 5)).toReversed();
  await openPage(({ path, query }) => {
    if (path !== "/v1/events") return { key: {}, server: {} };
    // As the server lists them: newest first by their own times, 60 of them.
    const listed = query.has("to") ? past : query.has("from") ? future : future.concat(past).slice(0, 60);
    return { events: listed, next: null, seen: [] };
  });
  const { fillArrivals, recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  await fillArrivals();
  expect(recent.value.map(({ id }) => id).slice(0, 4)).toEqual(["right-59", "ahead-59", "right-58", "ahead-58"]);
  expect(recent.value).toHaveLength(60);
});
