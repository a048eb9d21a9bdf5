import { type Event, type News, Refusal } from "@gatepost/client";
import { batch, signal } from "@preact/signals";
import { nameOf, placeOf } from "../../format/event.ts";
import { clockTime } from "../../format/time.ts";
import { words } from "../../words/index.ts";
import { forgetEvents, isGone } from "../erased.ts";
import { say, sayUndoable } from "../notice.ts";
import { gatepost, session } from "../session.ts";
import { unmark } from "./marked.ts";
import { markSeen, standAgain } from "./standing.ts";

export type Reason = "known" | "let-in" | "sent-away" | "false-alarm";

/** The judgement of a person about events that stand out. */
export interface Judgement {
  reason: Reason | null;
  note: string | null;
}

const noJudgement: Judgement = { reason: null, note: null };

/** Events of one request: as many as the server takes. */
const mostAtOnce = 200;
const retryMs = 5000;

/** Acts within two seconds of the first are one sentence, with one undo: the server takes back the first for 10 s, too. */
const togetherMs = 2000;
let together: Act[] = [];
let firstAt = Number.NEGATIVE_INFINITY;

/** Resolves when all is taken back that users have taken back: an event keeps its first acknowledgement until then. */
let takenBack: Promise<void> = Promise.resolve();

/** Ids of the acknowledgements that were taken back here. */
const undone = new Set<string | null>();
/** Acts that were taken back before the server has given ids to their acknowledgements. */
const unnamed = new Set<Act>();

/** Whether an acknowledgement was taken back here. News of it is then out of date. */
export function isUndone({ acknowledgement, events }: Extract<News, { kind: "acknowledged" }>): boolean {
  // An acknowledgement of another user may share some events with an act, and has others, too.
  const isOf = (act: Act) => events.every((event) => act.events.some((one) => one.id === event));
  return undone.has(acknowledgement) || [...unnamed].some(isOf);
}

/** How many acknowledgements wait for the connection. */
export const unsent = signal(0);

interface Act {
  events: readonly Event[];
  /** Ids of the acknowledgements, once the server has them. */
  made: Promise<readonly string[]>;
}

/**
 * Marks passings as seen, here at once and then for all users, and offers to take that back.
 *
 * @param askWhy asks for a reason afterwards; left out for users who give none
 */
export function see(events: readonly Event[], askWhy?: (events: readonly Event[]) => void): void {
  acknowledge(events, noJudgement, askWhy);
}

export function acknowledge(
  events: readonly Event[],
  judgement: Judgement,
  askWhy?: (events: readonly Event[]) => void,
): void {
  if (events.length === 0) return;
  markSeen(events.map(({ id }) => id));
  const act = { events, made: takenBack.then(() => send(events, judgement)) };
  const now = performance.now();
  if (now - firstAt >= togetherMs) [together, firstAt] = [[], now];
  together = [...together, act];
  const acts = together;
  const askInstead = (ask: (events: readonly Event[]) => void) => {
    // At once: a guard may take it back for some seconds only.
    void takeBack(acts);
    ask(acts.flatMap((one) => one.events));
  };
  const further = askWhy === undefined ? null : { label: words.value.live.addReason, act: () => askInstead(askWhy) };
  sayUndoable(textOf(acts, judgement), () => takeBack(acts), { further, since: firstAt });
}

function textOf(acts: readonly Act[], { reason }: Judgement): string {
  const { live: w } = words.value;
  const all = acts.flatMap(({ events }) => events);
  const [first] = all;
  if (acts.length > 1 || first === undefined || (all.length > 1 && first.person.type === "stranger")) {
    return w.seenMany(all.length);
  }
  const who = nameOf(first);
  return reason === null ? w.seenOne(who, placeOf(first), clockTime(first.time)) : w.judged(w.reasons[reason], who);
}

/** Lets the passings stand out again, here and for all users. */
function takeBack(acts: readonly Act[]): Promise<void> {
  [together, firstAt] = [[], Number.NEGATIVE_INFINITY];
  for (const act of acts) unnamed.add(act);
  batch(() => standAgain(acts.flatMap(({ events }) => events)));
  takenBack = takenBack.then(() => sendTakenBack(acts));
  return takenBack;
}

async function sendTakenBack(acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    const ids = await act.made;
    for (const id of ids) undone.add(id);
    unnamed.delete(act);
    for (const id of ids) {
      try {
        await gatepost().ask("DELETE /v1/acknowledgements/{id}", { path: { id } });
      } catch {
        say(words.value.live.notTakenBack);
      }
    }
  }
}

/** Ids of events that wait for the answer of the server. */
const waiting = new Set<string>();

// What the server has not taken is not seen: it stands out again when the page is opened next.
addEventListener("pagehide", () => unmark([...waiting]));

async function send(events: readonly Event[], judgement: Judgement): Promise<readonly string[]> {
  const made: string[] = [];
  for (const { id } of events) waiting.add(id);
  for (let from = 0; from < events.length; from += mostAtOnce) {
    made.push(...(await sendSome(events.slice(from, from + mostAtOnce), judgement)));
  }
  for (const { id } of events) waiting.delete(id);
  return made;
}

/** One of several events may be erased: then the others are sent one by one. Refused ones stand out again. */
async function sendSome(events: readonly Event[], judgement: Judgement): Promise<string[]> {
  const asked = session.peek();
  const ids = events.map(({ id }) => id);
  try {
    const { id, events: marked } = await untilSent(ids, judgement);
    return marked.length === 0 ? [] : [id];
  } catch (error) {
    if (isGone(error) && events.length > 1) {
      return (await Promise.all(events.map((event) => sendSome([event], judgement)))).flat();
    }
    if (isGone(error)) forgetEvents(({ id }) => ids.includes(id));
    else if (asked === session.peek()) refuse(events);
    // Another user may sign in next.
    else unmark(ids);
    return [];
  }
}

function refuse(events: readonly Event[]): void {
  batch(() => standAgain(events));
  say(words.value.live.notTaken);
}

/** Sends it until the server has answered, with one key for all tries: it is done once. */
async function untilSent(events: readonly string[], { reason, note }: Judgement) {
  const asked = session.peek();
  const headers = { "idempotency-key": keyOf() };
  const body = { events: [...events], reason, note };
  unsent.value++;
  try {
    for (;;) {
      try {
        return await gatepost().ask("POST /v1/acknowledgements", { body, headers });
      } catch (error) {
        const isOver =
          asked !== session.peek() || (error instanceof Refusal && error.status < 500 && error.status !== 429);
        if (isOver) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  } finally {
    unsent.value--;
  }
}

/** By plain http there is no `crypto.randomUUID`. */
function keyOf(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}
