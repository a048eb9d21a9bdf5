import { expect, it, vi } from "vitest";
import { TestSocket } from "../client/socket.ts";
import { awaited, openPage, passing } from "./support.ts";

const noon = Date.UTC(2026, 10, 20, 12);
type Passing = ReturnType<typeof passing>;

/** A passing that was received some seconds after noon, and took place by its own time. */
const received = (id: string, at: number, second = at, person = {}): Passing => ({
  ...passing(id, person, second),
  receivedAt: new Date(noon + at * 1000).toISOString(),
});

/** Opens a page whose lists are answered so, and its connection of the live feed. */
async function openFeed(
  listed: (query: URLSearchParams) => readonly Passing[] | number,
  stands: () => readonly Passing[] | number = () => [],
  others: (path: string) => number | object | Promise<number | object> = () => 503,
) {
  const { paint } = await openPage(({ path, query }) => {
    if (path === "/v1/me") return { key: {}, server: { live: "/live" } };
    if (path === "/v1/tickets") return { ticket: "gpt_1" };
    if (path !== "/v1/events" && path !== "/v1/standing") return others(path);
    const events = path === "/v1/events" ? listed(query) : stands();
    if (typeof events === "number") return events;
    return { events, next: null, seen: [], groups: [], more: 0, unseen: events.length, isWhole: true };
  });
  Object.assign(location, { toString: () => "http://gatepost.test/" });
  const opened = Promise.withResolvers<TestSocket>();
  vi.stubGlobal(
    "WebSocket",
    class extends TestSocket {
      constructor(url: string) {
        super(url);
        opened.resolve(this);
      }
    },
  );
  const { runFeed } = await import("../../../packages/console/src/live/feed.ts");
  const { recent } = await import("../../../packages/console/src/live/arrivals.ts");
  const { standing } = await import("../../../packages/console/src/live/standing.ts");
  runFeed();
  const socket = await opened.promise;
  socket.open();
  const ids = (list: { value: readonly Passing[] }) => list.value.map(({ id }) => id);
  return { socket, recent: () => ids(recent), standing: () => ids(standing), paint };
}

it("continues behind the event that was received last, despite a clock ahead", async () => {
  // Newest first by their times: one clock is three hours ahead, and another box uploads late.
  const events = [received("ahead", 1, 10_800), received("b", 30), received("late", 40, 5), received("a", 2)];
  expect((await openFeed(() => events)).socket.sent[0]).toMatchObject({ since: "late" });
});

it("begins with the next event if there is none yet", async () => {
  expect((await openFeed(() => [])).socket.sent[0]).not.toHaveProperty("since");
});

it("asks again for persons who stand out if the server is too busy", async () => {
  const wanted = received("wanted", 1, 1, { type: "blacklist" });
  let asked = 0;
  const { socket, standing } = await openFeed(
    () => [],
    () => (asked++ === 0 ? 503 : [wanted]),
  );
  socket.says({ caughtUp: true });
  await vi.advanceTimersByTimeAsync(1000);
  expect([asked, standing()]).toEqual([1, []]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(standing()).toEqual(["wanted"]);
});

/** Opens a page on which one person stands out. */
async function openOnWanted(others: (path: string) => number | object | Promise<number | object>) {
  const wanted = received("wanted", 1, 1, { type: "blacklist" });
  const { socket, standing } = await openFeed(
    () => [],
    () => [wanted],
    others,
  );
  const { acknowledge } = await import("../../../packages/console/src/live/acknowledging.ts");
  const { undoShown } = await import("../../../packages/console/src/state/notice.ts");
  socket.says({ caughtUp: true });
  await vi.advanceTimersByTimeAsync(1000);
  return {
    acknowledgeAndUndo() {
      acknowledge([wanted], { reason: null, note: null });
      undoShown();
    },
    standingAfter(id: string, ...events: string[]) {
      socket.says({ acknowledged: { id, events, reason: null, at: wanted.time, by: { name: "Ada" } } });
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
  expect(standingAfter("ack_1", "wanted")).toEqual(["wanted"]);
  made.give({ id: "ack_1", events: ["wanted"] });
  await vi.advanceTimersByTimeAsync(1000);
  expect(standingAfter("ack_1", "wanted")).toEqual(["wanted"]);
  takenBack.give(204);
  await vi.advanceTimersByTimeAsync(1000);
  expect(standingAfter("ack_1", "wanted")).toEqual(["wanted"]);
  expect(standingAfter("ack_2", "wanted")).toEqual([]);
});

it("hides a person whom another user acknowledged together with others", async () => {
  const made = awaited();
  const { acknowledgeAndUndo, standingAfter } = await openOnWanted(() => made.answer);
  acknowledgeAndUndo();
  expect(standingAfter("ack_3", "wanted", "another")).toEqual([]);
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
  expect([asked, standingAfter("ack_2", "wanted")]).toEqual([2, ["wanted"]]);
});

it("asks again for events behind an erased one, and misses none", async () => {
  const [before, missed, since] = [received("before", 1), received("missed", 2), received("since", 3)];
  let listed: readonly Passing[] | number = [before];
  const { socket, recent, paint } = await openFeed(() => listed);
  listed = 503;
  socket.says({ error: { status: 404, message: "since: there is no such event" } });
  await vi.advanceTimersByTimeAsync(1000);
  socket.says({ event: since });
  paint();
  listed = [since, missed, before];
  await vi.advanceTimersByTimeAsync(10_000);
  paint();
  expect(recent().sort()).toEqual(["before", "missed", "since"]);
});

it("misses nothing of a gap that was still open when the next one began", async () => {
  const [before, missed] = [received("before", 1), received("missed", 2)];
  const [since, again] = [received("since", 3), received("again", 4)];
  let listed: readonly Passing[] | number = [before];
  const { socket, recent, paint } = await openFeed(() => listed);
  listed = 503;
  const loseIt = () => socket.says({ error: { status: 404, message: "since: there is no such event" } });
  loseIt();
  await vi.advanceTimersByTimeAsync(1000);
  socket.says({ event: since });
  paint();
  loseIt();
  listed = [again, since, missed, before];
  await vi.advanceTimersByTimeAsync(10_000);
  paint();
  expect(recent().sort()).toEqual(["again", "before", "missed", "since"]);
});
