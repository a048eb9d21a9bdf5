import type { FaceEvent } from "@gatepost/protocol";
import type { Arrival, Standing } from "../claims.ts";
import { judgeShown } from "../judge.ts";
import { look, readTables } from "../observe.ts";
import { isTaking, type Tried } from "../scenes/hearer.ts";
import type { Life } from "./life.ts";

/** Requests that may be on their way when an erasure is answered: a rule has one delivery at a time. */
const onTheWay = 1;

/** Everything that was acknowledged before a life and during it. */
export function standingsOf({ posted, erasures }: Life, before: readonly Standing[]): Standing[] {
  return [...before, ...posted.map(({ standing }) => standing), ...erasures];
}

/** The promises that are broken at the end of a life. */
export async function judgeLife(
  life: Life,
  { standings, arrivals }: { standings: readonly Standing[]; arrivals: readonly Arrival[] },
): Promise<string[]> {
  const shown = await look(life.gate, []);
  const heard = new Set([...arrivals, ...life.arrivals()].map(({ id }) => id));
  const faults = [
    ...judgeShown(shown, standingsOf(life, standings)),
    ...judgeDelivered(shown.events, heard, life),
    ...judgeErased(life),
    ...judgeRepeats(life),
    ...judgeOrder(life),
    ...judgeReaders(life, shown.events),
  ];
  return faults.map((fault) => `after the cut: ${fault}`);
}

/** Each action that was asked for is announced; the subscriber has taken it, or it is a dead letter. */
function judgeDelivered(events: readonly FaceEvent[], heard: ReadonlySet<string>, { data }: Life): string[] {
  const { deliveries } = readTables(data);
  const dead = new Set(deliveries.filter(({ state }) => state === "dead").map(({ entryId }) => entryId));
  const actions = events.flatMap((event) => event.actions.filter(({ wantAction }) => wantAction === "1001"));
  return actions.flatMap(({ id, state }) => {
    if (state === "pending") return [`${id} is never announced`];
    return state === "announced" && !heard.has(id) && !dead.has(id) ? [`${id} is never delivered`] : [];
  });
}

function triesOf({ hearer, triedBefore }: Life): readonly Tried[] {
  return hearer.tried.slice(triedBefore);
}

/** No entry about an erased person is delivered after the erasure. */
function judgeErased({ erased, hearer }: Life): string[] {
  return [...erased].flatMap(([person, asked]) => {
    const late = hearer.tried.slice(asked).filter((tried) => tried.person === person);
    return late.length > onTheWay ? [`${late[0]?.id} of ${person}, who is erased, is delivered`] : [];
  });
}

/** The subscriber never gets an entry again that it has acknowledged. */
function judgeRepeats(life: Life): string[] {
  const taken = new Set<string>();
  return triesOf(life).flatMap(({ id, behaviour }) => {
    const isAgain = taken.has(id);
    if (behaviour === "takes") taken.add(id);
    return isAgain ? [`${id} is delivered again`] : [];
  });
}

/**
 * An entry that the subscriber refused steps aside. It gets all others of a rule in the order in which they were put.
 */
function judgeOrder(life: Life): string[] {
  const refused = new Set(life.hearer.tried.filter(({ behaviour }) => behaviour === "refuses").map(({ id }) => id));
  const firstTaken = new Map<string, number>();
  for (const [at, tried] of triesOf(life).entries()) {
    if (isTaking(tried) && !firstTaken.has(tried.id)) firstTaken.set(tried.id, at);
  }
  const put = readTables(life.data).deliveries.filter(
    ({ entryId }) => !refused.has(entryId) && firstTaken.has(entryId),
  );
  return [...Map.groupBy(put, ({ rule }) => rule).values()].flatMap((entries) =>
    entries.flatMap(({ entryId }, n) => {
      const before = firstTaken.get(entries[n - 1]?.entryId ?? "") ?? -1;
      return before > (firstTaken.get(entryId) ?? -1)
        ? [`${entryId} is delivered before one that was put earlier`]
        : [];
    }),
  );
}

/** A reader gets the events from which it began, and those that were stored afterwards. */
function judgeReaders({ readers, owed, posted, erasures }: Life, events: readonly FaceEvent[]): string[] {
  const idOf = new Map(events.map(({ id, person }) => [person.id, id]));
  const there = new Set(events.map(({ id }) => id));
  const gone = new Set(
    erasures.flatMap(({ operation: { claims } }) => claims.map((claim) => "person" in claim && claim.person)),
  );
  return readers.flatMap(({ since, received }, n) => {
    const early = new Set(posted.slice(0, since).map(({ person }) => person));
    const later = posted.flatMap(({ person }) =>
      early.has(person) || gone.has(person) ? [] : (idOf.get(person) ?? []),
    );
    const behind = since === 0 ? (owed[n] ?? []).filter((id) => there.has(id)) : [];
    const missed = new Set([...behind, ...later].filter((id) => !received.has(id)));
    return [...missed].map((id) => `a reader has missed ${id}`);
  });
}
