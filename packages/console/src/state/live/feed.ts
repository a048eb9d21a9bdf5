import { type FeedCounts, FeedReader, type FeedState, type News } from "@gatepost/client";
import { batch, effect, signal, untracked } from "@preact/signals";
import { serverTime } from "../clock.ts";
import { forgetEvents, heldIds } from "../erased.ts";
import { keepAsking } from "../loading.ts";
import { reconnections } from "../pictures.ts";
import { aboutMe, me, session, signOutRefused } from "../session.ts";
import { askSharing } from "../sites.ts";
import { isUndone } from "./acknowledging.ts";
import { arrive, clearArrivals, fillArrivals, recent } from "./arrivals.ts";
import { fillStanding, lastNoted, noteAcknowledged, noteTakenBack } from "./standing.ts";
import { Tabs } from "./tabs.ts";

export const connection = signal<FeedState>({ is: "connecting" });
/** Since when there is no connection, ms since 1970; null while there is one. Trying to connect is none. */
export const lostSince = signal<number | null>(null);
/** The counts on the rail; null before they are known. */
export const counts = signal<FeedCounts | null>(null);
/** The number of missed events, once they have arrived; 0 after it was shown long enough. */
export const missed = signal(0);

let [reader, tabs]: [FeedReader | null, Tabs | null] = [null, null];
/** They end the requests for earlier persons who stand out, and for sites. */
let endStanding = () => {};
let endSharing = () => {};
const missedShownFor = 8000;
let missedTimer: ReturnType<typeof setTimeout> | undefined;

/** Follows the feed of changes while a user is signed in, on every page. */
export function runFeed(): void {
  const wake = () => {
    if (!document.hidden) reader?.retryNow();
  };
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  effect(() => {
    const client = session.value;
    tabs?.close();
    reader?.close();
    [reader, tabs] = [null, null];
    endStanding();
    endSharing();
    clearArrivals();
    counts.value = null;
    if (client === null) return;
    connection.value = { is: "connecting" };
    lostSince.value = null;
    let caughtUp = 0;
    const begun = new FeedReader({
      client,
      waits: async () => (await aboutMe()).server.feed === "waits",
      world: { now: () => Date.now(), serverTime, random: () => Math.random(), isHidden: () => document.hidden },
      listener: {
        event(event, about) {
          if (about.isCatchUp) caughtUp++;
          arrive(event, about);
        },
        news: take,
        erased: (ids) => forgetEvents(({ id }) => ids.includes(id)),
        // Erasures from before the first answer are not told either.
        holds: heldIds,
        missed() {
          // They are read after the position of the feed, so that nothing is between the two.
          void fillArrivals();
          askAgain();
          const { account, key, server } = me.peek() ?? {};
          // Tabs of one user, and of one version of the console.
          ours.join(`feed ${server?.version} ${account?.id ?? key?.id}`);
        },
        caughtUp() {
          sayMissed(caughtUp);
          caughtUp = 0;
          reconnections.value++;
          askAgain();
        },
        read: (page) => ours.post(page),
        state(state) {
          // A page that cannot follow shows at least the newest.
          if (state.is === "waiting" && lostSince.peek() === null && recent.peek().length === 0) void fillArrivals();
          batch(() => {
            connection.value = state;
            if (state.is === "waiting") lostSince.value = state.since;
            if (state.is === "open") lostSince.value = null;
          });
          if (state.is === "refused") signOutRefused(state.refusal);
          else ours.noteState();
        },
      },
    });
    const ours = new Tabs(begun);
    [reader, tabs] = [begun, ours];
    untracked(() => begun.start());
    void firstCounts();
  });
}

function askAgain(): void {
  endStanding();
  endStanding = keepAsking(fillStanding);
  endSharing();
  endSharing = keepAsking(askSharing);
}

function take(news: News): void {
  if (news.kind === "counts") counts.value = news.counts;
  if (news.kind === "acknowledged" && !isUndone(news)) noteAcknowledged(news);
  if (news.kind === "unacknowledged" && news.acknowledgement !== null)
    void noteTakenBack(news.events, news.acknowledgement);
  if (news.kind === "noted") lastNoted.value = { event: news.event };
  if (news.kind === "roll") followed.get(news.roll)?.();
}

async function firstCounts(): Promise<void> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const asked = session.value;
  const counted = await asked?.ask("GET /v1/counts", { query: { zone } }).catch(() => null);
  if (counted === null || counted === undefined || counts.value !== null || asked !== session.value) return;
  const { today, actions, boxes, problems } = counted;
  const open = actions.pending + actions.announced + actions.failed;
  counts.value = { today, perSecond: 0, actions: open, silent: boxes?.silent ?? 0, problems: problems.sinceSeen };
}

function sayMissed(events: number): void {
  if (events === 0) return;
  batch(() => {
    missed.value = events;
  });
  clearTimeout(missedTimer);
  missedTimer = setTimeout(() => {
    missed.value = 0;
  }, missedShownFor);
}

/** Listeners to changes of evacuation lists, by the id of the list. */
const followed = new Map<string, () => void>();

/** Calls `then` when a user has ticked people of an evacuation list, or closed it. The returned function ends that. */
export function followRoll(id: string, then: () => void): () => void {
  followed.set(id, then);
  return () => {
    if (followed.get(id) === then) followed.delete(id);
  };
}

export const tryNow = () => tabs?.retryNow();
