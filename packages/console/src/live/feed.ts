import { type LiveCounts, LiveFeed, type LiveState } from "@gatepost/client";
import { batch, effect, signal } from "@preact/signals";
import { forgetEvents, heldIds } from "../state/erased.ts";
import { keepAsking } from "../state/loading.ts";
import { reconnections } from "../state/pictures.ts";
import { aboutMe, session, signOutRefused } from "../state/session.ts";
import { askSharing } from "../state/sites.ts";
import { isUndone } from "./acknowledging.ts";
import { arrive, clearArrivals, fillArrivals, lastReceived } from "./arrivals.ts";
import { gapFiller } from "./gap.ts";
import { fillStanding, lastNoted, noteAcknowledged, noteTakenBack } from "./standing.ts";

export const connection = signal<LiveState>({ is: "connecting" });
/** Since when there is no connection, ms since 1970; null while there is one. Trying to connect is none. */
export const lostSince = signal<number | null>(null);
/** The counts on the rail; null before they are known. */
export const counts = signal<LiveCounts | null>(null);
/** The number of missed events, once they have arrived; 0 after it was shown long enough. */
export const missed = signal(0);

let feed: LiveFeed | null = null;
/** Whether the feed was given its beginning. */
let isBegun = false;
/** They end the requests for earlier persons who stand out, and for missed events. */
let endStanding = () => {};
let endSharing = () => {};
let endGap = () => {};
/** Asks for missed events; null if none were missed, or all have arrived. */
let fillGap: (() => Promise<void>) | null = null;
const missedShownFor = 8000;
let missedTimer: ReturnType<typeof setTimeout> | undefined;

/** Follows the live feed while a user is signed in, on every page. */
export function runFeed(): void {
  effect(() => {
    const client = session.value;
    feed?.close();
    feed = null;
    isBegun = false;
    endStanding();
    endSharing();
    endGap();
    fillGap = null;
    clearArrivals();
    counts.value = null;
    if (client === null) return;
    connection.value = { is: "connecting" };
    lostSince.value = null;
    let caughtUp = 0;
    let wasLost = false;
    feed = new LiveFeed(client, liveAddress, {
      event(event, about) {
        if (about.isCatchUp) caughtUp++;
        arrive(event, about);
      },
      counts: (counted) => {
        counts.value = counted;
      },
      caughtUp() {
        // Events that were stored between the first page and the connection do not count as missed.
        if (wasLost) {
          sayMissed(caughtUp);
          reconnections.value++;
        }
        wasLost = false;
        caughtUp = 0;
        endStanding();
        endStanding = keepAsking(fillStanding);
        endSharing();
        endSharing = keepAsking(askSharing);
        // A feed that continues behind no event leaves out events from before the connection.
        if (lastReceived() === null) void fillArrivals();
      },
      gap() {
        endGap();
        // One that is not filled yet began further back.
        const fill = fillGap ?? gapFiller();
        fillGap = fill;
        endGap = keepAsking(async () => {
          await fill();
          if (fillGap === fill) fillGap = null;
        });
      },
      acknowledged(news) {
        if (!isUndone(news)) noteAcknowledged(news);
      },
      unacknowledged: ({ events }) => void noteTakenBack(events),
      noted: ({ event }) => {
        lastNoted.value = { event };
      },
      roll: ({ id }) => followed.get(id)?.(),
      erased: (ids) => forgetEvents(({ id }) => ids.includes(id)),
      // The feed does not report erasures from before a connection, also not before the first one.
      holds: heldIds,
      state(state) {
        batch(() => {
          connection.value = state;
          if (state.is === "waiting") lostSince.value = state.since;
          if (state.is === "open") lostSince.value = null;
        });
        if (state.is === "waiting") wasLost = true;
        if (state.is === "refused") signOutRefused(state.refusal);
      },
    });
    void begin(feed);
    void firstCounts();
  });
}

/** The newest events first, so that the feed continues behind the event that was received last. */
async function begin(begun: LiveFeed): Promise<void> {
  await fillArrivals();
  const last = lastReceived();
  if (begun !== feed) return;
  isBegun = true;
  begun.configure(last === null ? wish() : { ...wish(), since: last.id });
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
  askForRolls();
  return () => {
    if (followed.get(id) === then) followed.delete(id);
    askForRolls();
  };
}

function askForRolls(): void {
  if (isBegun) feed?.configure(wish());
}

const wish = () => ({ rolls: [...followed.keys()] });

/** On AWS the feed has another host, which only the server knows. */
async function liveAddress(): Promise<string> {
  return (await aboutMe()).server.live;
}

export const tryNow = () => feed?.retryNow();
