import { actionId } from "@gatepost/protocol";
import type { Posted, Run } from "./run.ts";
import type { Tried } from "./subscriber.ts";

/** Requests that may be on their way when an erasure is acknowledged: a rule has one delivery at a time. */
const onTheWay = 1;

/** What does not hold at the end of a run. */
export async function judge(run: Run): Promise<string[]> {
  const stored = await eventsOf(run);
  const kept = run.posted.filter((one) => isToBeThere(one, run));
  return [
    ...kept.flatMap((posted) => judgeReport(posted, run, stored)),
    ...judgeErasures(run, stored),
    ...judgeRepeats(run.subscriber.tried),
    ...judgeOrder(run),
    ...judgeReaders(run, kept),
  ];
}

interface Stored {
  person: string;
  actions: ReadonlyMap<string, string>;
}

async function eventsOf({ server }: Run): Promise<Map<string, Stored>> {
  const stored = new Map<string, Stored>();
  let cursor: string | null = null;
  do {
    const page = await server.runtime.reads.events.list({}, { limit: 50, cursor });
    for (const { id, reports, actions } of page.items) {
      const person = reports[0]?.person?.id ?? "";
      if (stored.has(id)) throw new Error(`the list has ${id} twice`);
      stored.set(id, { person, actions: new Map(actions.map((action) => [action.id, action.state])) });
    }
    cursor = page.next;
  } while (cursor !== null);
  return stored;
}

/** Whether a report was acknowledged, and no erasure of its person was begun. */
function isToBeThere({ expected, isAcknowledged }: Posted, { erasing }: Run): boolean {
  return isAcknowledged && !erasing.has(expected.spec.person);
}

/** The event is there, and its action was taken by the subscriber, or refused for good. */
function judgeReport({ expected }: Posted, run: Run, stored: ReadonlyMap<string, Stored>): string[] {
  const { eventId, spec } = expected;
  const event = stored.get(eventId);
  if (event === undefined) return [`an acknowledged report is lost: ${eventId}`];
  if (spec.want === "0") return [];
  const id = actionId(eventId, spec.want);
  const state = event.actions.get(id);
  if (state !== "announced") return [`an action that was asked for is ${state}: ${id}`];
  const isTaken = run.subscriber.tried.some(({ action, behaviour }) => action === id && isTaking(behaviour));
  const isDead = run.deadLetters().has(id);
  return isTaken || isDead ? [] : [`an action was never delivered: ${id}`];
}

/** Of who was erased no event is there, though it came again, and nothing was delivered any more. */
function judgeErasures({ erased, posted, subscriber }: Run, stored: ReadonlyMap<string, Stored>): string[] {
  return [...erased].flatMap(([person, asked]) => {
    const left = [...stored]
      .filter(([, event]) => event.person === person)
      .map(([id]) => `an erased event is there: ${id}`);
    const actions = new Set(
      posted.flatMap(({ expected: { spec, eventId } }) =>
        spec.person === person && spec.want !== "0" ? [actionId(eventId, spec.want)] : [],
      ),
    );
    const late = subscriber.tried.slice(asked).filter(({ action }) => actions.has(action));
    return late.length > onTheWay ? [...left, `an erased action was delivered: ${late[0]?.action}`] : left;
  });
}

/** What the subscriber has taken, and said so, it gets again only where the server has ended since. */
function judgeRepeats(tried: readonly Tried[]): string[] {
  const taken = new Map<string, number>();
  return tried.flatMap(({ action, behaviour, generation }) => {
    const isAgain = taken.get(action) === generation;
    if (behaviour === "takes") taken.set(action, generation);
    return isAgain ? [`an action was delivered again: ${action}`] : [];
  });
}

/** What the subscriber refused steps aside. Everything else it gets in the order in which it was put. */
function judgeOrder(run: Run): string[] {
  const { tried } = run.subscriber;
  const refused = new Set(tried.filter(({ behaviour }) => behaviour === "refuses").map(({ action }) => action));
  const firstTaken = new Map<string, number>();
  for (const [at, { action, behaviour }] of tried.entries()) {
    if (isTaking(behaviour) && !firstTaken.has(action)) firstTaken.set(action, at);
  }
  const inOrder = run.entries().filter((action) => !refused.has(action) && firstTaken.has(action));
  return inOrder.flatMap((action, n) => {
    const before = firstTaken.get(inOrder[n - 1] ?? "") ?? -1;
    return before > (firstTaken.get(action) ?? -1)
      ? [`an action was delivered before one that was put earlier: ${action}`]
      : [];
  });
}

/** Events that were stored after a reader had got its first one. */
function judgeReaders({ readers, posted }: Run, kept: readonly Posted[]): string[] {
  return readers.flatMap(({ since, received }) => {
    const before = new Set(posted.slice(0, since).map(({ expected }) => expected.eventId));
    const missed = kept.filter(({ expected: { eventId } }) => !before.has(eventId) && !received.has(eventId));
    return missed.map(({ expected }) => `a reader has missed an event: ${expected.eventId}`);
  });
}

function isTaking(behaviour: Tried["behaviour"]): boolean {
  return behaviour === "takes" || behaviour === "lost";
}
