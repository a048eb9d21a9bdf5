import { client, FeedReader, type FeedState } from "@gatepost/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Tabs } from "../../../packages/console/src/state/live/tabs.ts";

/** The channel of this tab, and of another one that a test speaks for. */
class Channel {
  static all: Channel[] = [];
  onmessage: (message: { data: object }) => void = () => {};
  constructor(_name: string) {
    Channel.all.push(this);
  }
  postMessage(data: object): void {
    for (const other of Channel.all) if (other !== this) other.onmessage({ data: structuredClone(data) });
  }
  close(): void {
    Channel.all = Channel.all.filter((one) => one !== this);
  }
}

let asked: string[];
let given: string[];
let states: FeedState[];
/** The events that the server has, in the order of the feed. */
let stored: string[];
let posted: { leader?: { id: number; next: string }; read?: { from: string }; gone?: number; retry?: true }[];
let isSilent: boolean;
let tabs: Tabs;
let reader: FeedReader;

const receivedAt = "2100-01-01T00:00:00.000Z";
const other = new Channel("other");
const open: FeedState = { is: "open" };
const page = Object.assign(new EventTarget(), { hidden: false });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const show = (isShown: boolean) => {
  page.hidden = !isShown;
  page.dispatchEvent(new Event("visibilitychange"));
};
const says = (message: object) => other.postMessage(message);
/** The other tab says that it asks the server. It is older. */
const leads = (next: string, facts: object = {}) =>
  says({ leader: { id: 1, isVisible: true, next, state: open, ...facts } });
/** The other tab posts a page with the events between two cursors. */
const reads = (from: number, to: number) => {
  const events = stored.slice(from, to).map((id) => ({ id, receivedAt }));
  says({ read: { from: `${from}`, isCatchUp: false, page: { events, news: [], next: `${to}`, more: false } } });
};

beforeEach(async () => {
  vi.useFakeTimers();
  [asked, given, states, stored, posted, isSilent] = [[], [], [], [], [], false];
  Channel.all = [other];
  other.onmessage = ({ data }) => void posted.push(data);
  page.hidden = false;
  vi.stubGlobal("document", page);
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("leavePage", () => window.dispatchEvent(new Event("pagehide")));
  vi.stubGlobal("BroadcastChannel", Channel);
  const fetch = async (url: string): Promise<Response> => {
    const after = new URL(url, "http://gatepost.test").searchParams.get("after") ?? "";
    asked.push(after);
    if (isSilent) return new Promise(() => {});
    const from = after === "end" ? stored.length : Number(after);
    const events = stored.slice(from).map((id) => ({ id, receivedAt }));
    return Response.json({ events, news: [], next: `${stored.length}`, more: false });
  };
  reader = new FeedReader({
    client: client({ token: "gpr_test", fetch }),
    waits: async () => false,
    listener: {
      event: ({ id }) => void given.push(id),
      missed: () => tabs.join("feed"),
      read: (read) => tabs.post(read),
      state: (state) => {
        states.push(state);
        tabs.noteState();
      },
    },
  });
  tabs = new Tabs(reader);
  reader.start();
  await pass(0);
});
afterEach(() => {
  tabs.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const leavePage = () => Reflect.get(globalThis, "leavePage")();

it("a single tab asks the server, and posts each page", async () => {
  stored = ["a"];
  await pass(3000);
  expect(asked).toEqual(["end", "0", "1", "1"]);
  expect(given).toEqual(["a"]);
  expect(posted.flatMap(({ read }) => read?.from ?? [])).toEqual(["end", "0", "1", "1"]);
  expect(posted.filter(({ leader }) => leader !== undefined).length).toBeGreaterThanOrEqual(3);
});

describe("a tab that another one leads", () => {
  beforeEach(async () => {
    leads("0");
    await pass(0);
    asked = [];
  });

  it("asks nothing, and gives the posted pages once", async () => {
    stored = ["a", "b"];
    reads(0, 1);
    reads(1, 2);
    for (let second = 0; second < 10; second++) {
      leads("2");
      await pass(1000);
    }
    expect([asked, given]).toEqual([[], ["a", "b"]]);
  });

  it("reads what the other had posted before, and then asks no more", async () => {
    stored = ["a", "b", "c", "d"];
    reads(2, 3);
    await pass(0);
    expect([asked, given]).toEqual([["0"], ["c", "a", "b", "d"]]);
    reads(3, 4);
    leads("4");
    await pass(1000);
    expect([asked.length, given.length]).toEqual([1, 4]);
  });

  it("shows the state of the other, whom it lets try again", async () => {
    const waiting: FeedState = { is: "waiting", since: 7, retryAt: 8, reason: "no answer" };
    leads("0", { state: waiting });
    leads("0", { state: waiting });
    expect(states.slice(-2)).toEqual([open, waiting]);
    posted = [];
    tabs.retryNow();
    expect(posted).toEqual([{ retry: true }]);
  });

  it("asks itself 3 s after the other was killed, from the last page", async () => {
    stored = ["a", "b"];
    reads(0, 1);
    await pass(2999);
    expect(asked).toEqual([]);
    await pass(1001);
    expect([asked[0], given]).toEqual(["1", ["a", "b"]]);
  });

  it("asks at once when the other is closed or hidden", async () => {
    says({ gone: 1 });
    await pass(0);
    expect(asked).toEqual(["0"]);
    leads("0");
    leads("0", { isVisible: false });
    await pass(0);
    expect(asked).toEqual(["0", "0"]);
  });

  it("waits longer while it is hidden itself, and asks when it is seen", async () => {
    show(false);
    leads("0", { isVisible: false });
    await pass(149_000);
    expect(asked).toEqual([]);
    show(true);
    await pass(0);
    expect(asked).toEqual(["0"]);
  });

  it("asks in the end while all tabs are hidden", async () => {
    show(false);
    await pass(151_000);
    expect(asked[0]).toBe("0");
  });
});

describe("two tabs that ask", () => {
  const isAsking = async () => {
    await pass(0);
    return reader.isRunning;
  };

  it("leave it to the older one", async () => {
    leads("0", { id: Number.MAX_SAFE_INTEGER });
    expect(await isAsking()).toBe(true);
    expect(posted.at(-1)?.leader?.next).toBe("0");
    leads("0", { id: 1 });
    expect(await isAsking()).toBe(false);
  });

  it("leave it to the visible one", async () => {
    leads("0", { isVisible: false });
    expect(await isAsking()).toBe(true);
    show(false);
    leads("0", { id: Number.MAX_SAFE_INTEGER });
    expect(await isAsking()).toBe(false);
  });

  it("give a page once that both have read", async () => {
    stored = ["a"];
    await pass(1000);
    reads(0, 1);
    leads("1");
    reads(0, 1);
    await pass(0);
    expect(given).toEqual(["a"]);
  });
});

it("a tab that is left posts that, and asks again if it is shown again", async () => {
  leavePage();
  expect([reader.isRunning, "gone" in (posted.at(-1) ?? {})]).toEqual([false, true]);
  await pass(1000);
  expect(reader.isRunning).toBe(true);
});

it("a closed tab posts nothing more", async () => {
  tabs.close();
  posted = [];
  await pass(10_000);
  tabs.noteState();
  expect([posted, Channel.all]).toEqual([[], [other]]);
});

it("a page without channels asks for itself", async () => {
  tabs.close();
  vi.stubGlobal("BroadcastChannel", undefined);
  tabs = new Tabs(reader);
  asked = [];
  tabs.join("feed");
  reader.start();
  await pass(2000);
  leavePage();
  tabs.retryNow();
  expect([asked.length > 1, reader.isRunning]).toEqual([true, true]);
});
