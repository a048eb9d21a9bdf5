import { createHash } from "node:crypto";
import { GatepostError } from "@gatepost/core/errors";
import { type EventFilter, type FeedWait, type News, newNewsId, type Wake } from "@gatepost/core/events";
import { cursorSigner } from "@gatepost/core/lists";
import { reasons } from "@gatepost/core/seen";
import { instant, isCheckBox, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { shownEvent, shownEvents } from "../access/actors.ts";
import type { Caller } from "../access/caller.ts";
import { guardsAlone, isAmong, managersOfPeople } from "../access/who.ts";
import { eventsRead } from "../listeners.ts";
import { namedObject } from "../openapi/named.ts";
import { jsonPage, nextPage, signedCursor } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import type { Later } from "../route.ts";

/** Most seconds that a request waits for a change. */
const maxWait = 25;

/** ms after which the counts are looked at again while a request waits. */
const countsEveryMs = 5 * secondMs;

/** The parameters that turn the list of events into the feed of changes. */
export const feedQuery = {
  order: z.enum(["time", "received"]).default("time").meta({
    description: "`received` for the feed of changes, which takes only `after`, `limit`, `wait` and `with`.",
  }),
  after: signedCursor
    .meta({
      description:
        "`next` of an earlier page of the feed, or `end` to begin with the next change; leave it out to begin with the oldest.",
    })
    .exactOptional(),
  wait: z
    .string()
    .regex(/^\d{1,2}$/, `must be a whole number from 0 to ${maxWait}`)
    .transform(Number)
    .refine((seconds) => seconds <= maxWait, `must be a whole number from 0 to ${maxWait}`)
    .meta({
      description:
        "Seconds that the answer of the feed may wait for something new, if there is nothing. On AWS, and if too many requests " +
        "wait, it is answered at once: then ask again after a second.",
      type: "integer",
      pattern: undefined,
      minimum: 0,
      maximum: maxWait,
    })
    .exactOptional(),
};

const placed = {
  id: z.string(),
  at: z.iso.datetime(),
};
const ids = z.array(z.string());

const newsMembers = {
  events: ids.meta({ description: "The ids of the events that it is about." }),
  event: z.string(),
  acknowledgement: z.string().nullable().meta({
    description: "`ack_…`; null for several events that were marked as seen separately: the one of `evt_X` is `ack_X`.",
  }),
  reason: z.enum(reasons).nullable().meta({ description: "Null if the events were only seen." }),
  by: z.object({ name: z.string().nullable() }),
  roll: z.string(),
  counts: namedObject("FeedCounts", {
    today: z.int(),
    perSecond: z.number(),
    actions: z.int(),
    silent: z.int(),
    problems: z.int(),
  }).meta({ description: "The counts of a console, if they were asked for and have changed; up to 5 s old." }),
};

/** The members of each kind of news, beside its `id` and `at`. */
const newsKinds = {
  acknowledged: ["events", "acknowledgement", "reason", "by"],
  unacknowledged: ["events", "acknowledgement"],
  noted: ["event"],
  erased: ["events"],
  roll: ["roll"],
  counts: ["counts"],
  missed: [],
} as const satisfies Record<string, readonly (keyof typeof newsMembers)[]>;

/** One object and no union of kinds: a client that is generated from it also reads a kind of a later version. */
const newsSchema = z
  .object({
    ...placed,
    kind: z.string().meta({
      description:
        "`acknowledged`, `unacknowledged`, `noted` or `erased`; `roll`: an evacuation list was begun, ticked or closed; " +
        "`counts`; `missed`: the cursor is older than news is kept: ask for the acknowledgements of events that you keep, and " +
        "which of them are `missing`. Ignore others: a later version may have some.",
    }),
    ...z.object(newsMembers).partial().shape,
  })
  .meta({
    id: "News",
    description: "Its `id` is the same if it is listed again. `x-kinds` names the members of each kind.",
    "x-kinds": newsKinds,
  });

/** A page of the list. The feed has it, too, and more: a client tries the page of the feed first. */
export const eventPage = namedObject("ListedEvents", {
  events: z.array(shownEvent),
  next: nextPage,
  seen: z.array(z.string()).exactOptional(),
});

export const feedAnswer = namedObject("ChangesPage", {
  events: z.array(shownEvent),
  news: z.array(newsSchema).meta({ description: "What happened to events and lists, in the same order." }),
  next: z.string().meta({ description: "The cursor to continue with, now or later. It never becomes invalid." }),
  more: z.boolean().meta({ description: "True if there are more changes already." }),
});

/** The parameters of a list of events: what the feed does not take is refused. */
export type FeedRequest = EventFilter & {
  limit: number;
  order?: string;
  cursor?: string;
  after?: string;
  wait?: number;
  with?: readonly string[];
};

/** The place of a reader: the cursor of the feed, and a short name of the counts that it had last. */
interface Place {
  cursor: string | null;
  counts: string;
}

interface Reading {
  limit: number;
  hasCounts: boolean;
  /** Whether the events of checks are listed. */
  hasChecks: boolean;
  caller: Caller;
}

interface Read {
  page: { events: object[]; news: object[]; more: boolean };
  place: Place;
}

/** Answers with one page of the feed of changes. It may wait until there is something to answer. */
export async function readFeed(
  { limit, after, wait = 0, order: _, with: wanted = [], ...rest }: FeedRequest,
  { caller, later }: { caller: Caller; later: Later },
  deps: ApiPorts,
): Promise<Response> {
  const other = wanted.includes("seen") ? "with=seen" : Object.keys(rest)[0];
  if (other !== undefined) {
    throw new GatepostError(
      "bad-request",
      `${other}: order=received takes after, limit, wait, with=counts and with=checks alone`,
    );
  }
  const signer = cursorSigner(["feed"], deps.cursorSecret);
  const [hasCounts, hasChecks] = [wanted.includes("counts"), wanted.includes("checks")];
  const reading = { limit, hasCounts, hasChecks, caller };
  const answer = ({ page, place: { cursor, counts } }: Read) =>
    jsonPage({ ...page, next: signer.sign(counts === "" ? `${cursor}` : `${cursor}|${counts}`) });
  if (after === "end") {
    const place = { cursor: await deps.feed.end(), counts: "" };
    return answer(await withCounts({ page: { events: [], news: [], more: false }, place }, reading, deps));
  }
  const [cursor = null, counts = ""] = after === undefined ? [] : signer.verify(after, "after").split("|");
  const place = { cursor, counts };
  using held = wait === 0 ? null : (deps.feedWaits?.begin(caller.id) ?? null);
  const read = await readAt(place, { ...reading, isHeld: held !== null }, deps);
  if (held === null || !isEmpty(read)) return answer(read);
  const stop = later.onGone(() => held.end());
  try {
    return answer(await waitOn(read, { ...reading, held, seconds: wait }, later));
  } finally {
    stop();
  }
}

/** Waits until there is something after an empty page, for some seconds. Returns the last page that was read. */
async function waitOn(
  begin: Read,
  { held, seconds, limit, hasCounts, hasChecks }: Reading & { held: FeedWait; seconds: number },
  later: Later,
): Promise<Read> {
  const until = performance.now() + seconds * secondMs;
  for (let read = begin; ; ) {
    const left = until - performance.now();
    if (left <= 0) return read;
    const wake = await held.next(hasCounts ? Math.min(left, countsEveryMs) : left);
    if (held.isEnded || (wake === null && !hasCounts)) return read;
    // The key may have been revoked meanwhile, or sees other boxes.
    const { caller, ports } = await later.again();
    const { place } = read;
    const readOn = () => readAt(place, { limit, hasCounts, hasChecks, caller, isHeld: true }, ports);
    const mayRead = [mayReadRolls(caller), isAmong(caller, managersOfPeople)];
    const question = JSON.stringify([caller.boxes, mayRead, limit, hasCounts, hasChecks, place]);
    read = await (wake === null ? readOn() : sharedBy(wake, question, readOn));
    if (!isEmpty(read)) return read;
  }
}

function isEmpty({ page: { events, news, more } }: Read): boolean {
  return events.length + news.length === 0 && !more;
}

/** Equal questions after the same change are read once. */
function sharedBy({ shared }: Wake, question: string, read: () => Promise<Read>): Promise<Read> {
  const answer = shared.get(question) ?? read();
  shared.set(question, answer);
  return answer as Promise<Read>;
}

/** Reads the page after a place. */
async function readAt(
  { cursor, counts }: Place,
  { isHeld, ...reading }: Reading & { isHeld: boolean },
  deps: ApiPorts,
): Promise<Read> {
  const { items, news, next, isEnd } = await deps.feed.read(cursor, reading.limit);
  const hasRolls = mayReadRolls(reading.caller);
  const shown = await shownEvents(
    items.flatMap(({ event }) => (isCheckBox(event.box) && !reading.hasChecks ? [] : event)),
    deps,
  );
  const events = await eventsRead(shown, reading.caller, deps);
  const shownEntries = news.filter(
    ({ box, told }) => (box === null || !isCheckBox(box)) && (told.kind !== "roll" || hasRolls),
  );
  const page = { events, news: shownEntries.map(shownNews), more: !isEnd };
  const read = { page, place: { cursor: next, counts } };
  // Without anything else to answer, and if the request does not wait, the counts are not read.
  return isHeld || !isEmpty(read) ? withCounts(read, reading, deps) : read;
}

/** Adds the counts, if they were asked for and are not those that the reader had last. */
async function withCounts({ page, place }: Read, { hasCounts }: Reading, deps: ApiPorts): Promise<Read> {
  if (!hasCounts) return { page, place };
  const counts = await deps.feedCounts.read(null);
  const name = createHash("sha256").update(JSON.stringify(counts)).digest("base64url").slice(0, 8);
  if (name === place.counts) return { page, place };
  const news = { id: newNewsId(), at: instant(deps.clock()), kind: "counts", counts };
  return { page: { ...page, news: [...page.news, news] }, place: { ...place, counts: name } };
}

function shownNews({ id, at, told }: News) {
  return { id, at: instant(at), ...told };
}

/** Whether the caller may read evacuation lists. */
function mayReadRolls(caller: Caller): boolean {
  return isAmong(caller, guardsAlone);
}
