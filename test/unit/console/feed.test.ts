import { expect, it, vi } from "vitest";
import { TestSocket } from "../client/socket.ts";
import { openPage, passing } from "./support.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const received = (id: string, second: number, at: number) => ({
  ...passing(id, {}, second),
  receivedAt: new Date(noon + at * 1000).toISOString(),
});

/** Newest first by their times: the clock of one box is three hours ahead, and another uploads late. */
const events = [received("ahead", 10_800, 1), received("b", 30, 30), received("late", 5, 40), received("a", 2, 2)];

/** What the page asks the live feed for when it is opened with these events. */
async function askedWith(stored: typeof events): Promise<unknown> {
  await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: { live: "/live" } };
    if (path === "/v1/tickets") return { ticket: "gpt_1" };
    return path === "/v1/events" ? { events: stored, next: null, seen: [] } : 503;
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
  runFeed();
  const socket = await opened.promise;
  socket.open();
  return socket.sent[0];
}

it("goes on behind what was received last, and not behind what a clock that is ahead calls the newest", async () => {
  expect(await askedWith(events)).toMatchObject({ since: "late" });
});

it("begins with what comes where there is nothing yet", async () => {
  expect(await askedWith([])).not.toHaveProperty("since");
});
