import type { ChangesPage, News } from "@gatepost/client";
import { expect, it, vi } from "vitest";
import { awaited, openPage, passing } from "./support.ts";

const noon = Date.UTC(2026, 10, 20, 12);
type Passing = ReturnType<typeof passing>;

/** A passing that was received some seconds after noon, and took place by its own time. */
const received = (id: string, at: number, second = at, person = {}): Passing => ({
  ...passing(id, person, second),
  receivedAt: new Date(noon + at * 1000).toISOString(),
});

/** Opens a page whose lists are answered so, and follows its feed. */
async function openFeed(
  listed: (query: URLSearchParams) => readonly Passing[] | number,
  stands: () => readonly Passing[] | number = () => [],
  others: (path: string) => number | object | Promise<number | object> = () => 503,
  first: () => Partial<ChangesPage> | number = () => ({}),
) {
  let page = first;
  let always: (() => Partial<ChangesPage> | number) | null = null;
  let at = 0;
  const changes = () => {
    const next = (always ?? page)();
    page = () => ({});
    return typeof next === "number" ? next : { events: [], news: [], next: `at ${++at}`, more: false, ...next };
  };
  const { paint, hide } = await openPage(({ path, query }) => {
    if (path === "/v1/me") return { key: { id: "key_1" }, now: new Date().toISOString(), server: { feed: "polls" } };
    if (query.get("order") === "received") return changes();
    if (path !== "/v1/events" && path !== "/v1/standing") return others(path);
    const events = path === "/v1/events" ? listed(query) : stands();
    if (typeof events === "number") return events;
    return { events, next: null, seen: [], groups: [], more: 0, unseen: events.length, isWhole: true };
  });
  vi.setSystemTime(noon);
  vi.stubGlobal("BroadcastChannel", undefined);
  const { connection, missed, runFeed } = await import("../../../packages/console/src/state/live/feed.ts");
  const { recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  const { ringing } = await import("../../../packages/console/src/state/live/ringing.ts");
  const { standing } = await import("../../../packages/console/src/state/live/standing.ts");
  runFeed();
  while (connection.value.is === "connecting") await vi.advanceTimersByTimeAsync(10);
  await vi.advanceTimersByTimeAsync(100);
  const ids = (list: { value: readonly Passing[] }) => list.value.map(({ id }) => id);
  return {
    /** Answers all further requests for changes so. */
    answers(given: () => Partial<ChangesPage> | number) {
      always = given;
    },
    /** Answers the next request for changes so, and with nothing new from then on. */
    async gives(given: Partial<ChangesPage> | number) {
      page = () => given;
      await vi.advanceTimersByTimeAsync(1000);
    },
    recent: () => ids(recent),
    names: () => recent.value.map(({ person }) => person.name),
    standing: () => ids(standing),
    rings: () => ringing.value.size,
    missed: () => missed.value,
    state: () => connection.value.is,
    paint,
    hide,
  };
}

let told = 0;
const news = (facts: object) => ({ news: [{ id: `nws_${told++}`, at: "", ...facts } as News] });

it("reads the newest events after the position of the feed", async () => {
  const order: string[] = [];
  const { recent } = await openFeed(
    (query) => {
      order.push("list");
      return query.has("to") ? [received("a", 1), received("b", 2)] : [];
    },
    undefined,
    undefined,
    () => {
      order.push("feed");
      return {};
    },
  );
  expect([order, recent()]).toEqual([
    ["feed", "list", "list"],
    ["b", "a"],
  ]);
});

it("shows an event once that a late list and the feed bring", async () => {
  const [a, b] = [received("a", 1), received("b", 2)];
  let listed: readonly Passing[] | number = 503;
  const { gives, recent, names, paint } = await openFeed(() => listed);
  await gives({ events: [received("b", 2, 2, { name: "Ada" })] });
  paint();
  expect(recent()).toEqual(["b"]);
  listed = [b, a];
  await vi.advanceTimersByTimeAsync(5000);
  expect(names()).toEqual(["Ada", null]);
  await gives({ events: [a] });
  paint();
  expect(recent()).toEqual(["b", "a"]);
});

it("rings once for a person whom the list and the feed bring", async () => {
  const wanted = received("wanted", -1, -1, { type: "blacklist" });
  const { gives, rings, paint } = await openFeed(() => [wanted]);
  expect(rings()).toBe(1);
  const acknowledged = { kind: "acknowledged", events: ["wanted"], acknowledgement: "ack_1", reason: null };
  await gives({ events: [{ ...wanted, score: 1 }], ...news({ ...acknowledged, by: { name: "Ada" } }) });
  paint();
  expect(rings()).toBe(0);
  await gives({ events: [{ ...wanted, score: 2 }] });
  paint();
  expect(rings()).toBe(0);
});

it("rings in a hidden page for a person who passes during a short loss", async () => {
  const { gives, rings, hide, state } = await openFeed(() => []);
  await gives(503);
  expect(state()).toBe("waiting");
  hide(true);
  await gives({ events: [received("wanted", 1, 1, { type: "blacklist" })] });
  expect([state(), rings()]).toEqual(["open", 1]);
});

it("says how many events were missed while there was no connection", async () => {
  let isLost = true;
  const { answers, missed, state } = await openFeed(() => []);
  answers(() => (isLost ? 503 : { events: [received("a", 1), received("b", 2)] }));
  await vi.advanceTimersByTimeAsync(4000);
  expect(state()).toBe("waiting");
  isLost = false;
  await vi.advanceTimersByTimeAsync(4000);
  expect([state(), missed()]).toEqual(["open", 2]);
  await vi.advanceTimersByTimeAsync(8000);
  expect(missed()).toBe(0);
});

it("rings after a sleep of a day for the persons of the last minutes alone", async () => {
  const { gives, rings, missed, recent, paint } = await openFeed(() => []);
  vi.setSystemTime(noon + 24 * 3_600_000);
  const day = 24 * 3600;
  const wanted = (id: string, at: number) => received(id, at, at, { id, type: "blacklist" });
  await gives({ events: [wanted("long ago", 3600), wanted("just now", day - 60)], ...news({ kind: "missed" }) });
  await vi.advanceTimersByTimeAsync(2000);
  paint();
  expect([rings(), recent(), missed()]).toEqual([1, ["just now", "long ago"], 2]);
});

it("shows the newest events while the feed does not answer", async () => {
  const { recent, state } = await openFeed(
    () => [received("a", 1)],
    undefined,
    undefined,
    () => 503,
  );
  expect([state(), recent()]).toEqual(["waiting", ["a"]]);
});

it("asks again for persons who stand out if the server is too busy", async () => {
  const wanted = received("wanted", 1, 1, { type: "blacklist" });
  let asked = 0;
  const { standing } = await openFeed(
    () => [],
    () => (asked++ === 0 ? 503 : [wanted]),
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect([asked, standing()]).toEqual([1, []]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(standing()).toEqual(["wanted"]);
});

/** Opens a page on which one person stands out. */
async function openOnWanted(others: (path: string) => number | object | Promise<number | object>) {
  const wanted = received("wanted", 1, 1, { type: "blacklist" });
  const { gives, standing } = await openFeed(
    () => [],
    () => [wanted],
    others,
  );
  const { acknowledge } = await import("../../../packages/console/src/state/live/acknowledging.ts");
  const { undoShown } = await import("../../../packages/console/src/state/notice.ts");
  await vi.advanceTimersByTimeAsync(1000);
  return {
    acknowledgeAndUndo() {
      acknowledge([wanted], { reason: null, note: null });
      undoShown();
    },
    async standingAfter(acknowledgement: string, ...events: string[]) {
      await gives(news({ kind: "acknowledged", acknowledgement, events, reason: null, by: { name: "Ada" } }));
      return standing();
    },
    async standingAgain(acknowledgement: string, ...events: string[]) {
      await gives(news({ kind: "unacknowledged", acknowledgement, events }));
      return standing();
    },
  };
}

it("shows a person whose acknowledgement was taken back before the news of it arrived", async () => {
  const [made, takenBack] = [awaited(), awaited()];
  const { acknowledgeAndUndo, standingAfter } = await openOnWanted((path) =>
    path === "/v1/acknowledgements" ? made.answer : takenBack.answer,
  );
  acknowledgeAndUndo();
  expect(await standingAfter("ack_1", "wanted")).toEqual(["wanted"]);
  made.give({ id: "ack_1", events: ["wanted"] });
  await vi.advanceTimersByTimeAsync(1000);
  expect(await standingAfter("ack_1", "wanted")).toEqual(["wanted"]);
  takenBack.give(204);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await standingAfter("ack_1", "wanted")).toEqual(["wanted"]);
  expect(await standingAfter("ack_2", "wanted")).toEqual([]);
});

it("hides a person whom another user acknowledged together with others", async () => {
  const made = awaited();
  const { acknowledgeAndUndo, standingAfter } = await openOnWanted(() => made.answer);
  acknowledgeAndUndo();
  expect(await standingAfter("ack_3", "wanted", "another")).toEqual([]);
});

it("shows a person whose acknowledgement another user took back, unless there is a later one", async () => {
  const { standingAfter, standingAgain } = await openOnWanted(() => 503);
  for (const made of ["ack_1", "ack_2"]) expect(await standingAfter(made, "wanted")).toEqual([]);
  expect(await standingAgain("ack_1", "wanted")).toEqual([]);
  expect(await standingAgain("ack_2", "wanted")).toEqual(["wanted"]);
});

it("shows a person who was acknowledged twice, and both were taken back", async () => {
  const made = [awaited(), awaited()];
  let asked = 0;
  const { acknowledgeAndUndo, standingAfter } = await openOnWanted((path) =>
    path === "/v1/acknowledgements" ? (made[asked++]?.answer ?? 503) : 204,
  );
  acknowledgeAndUndo();
  acknowledgeAndUndo();
  made[0]?.give({ id: "ack_1", events: ["wanted"] });
  await vi.advanceTimersByTimeAsync(1000);
  expect([asked, await standingAfter("ack_2", "wanted")]).toEqual([2, ["wanted"]]);
});
