import type { Api } from "@gatepost/client";

export type Roll = Api["GET /v1/rolls/{id}"]["answer"];

/** That a person is safe, or is not, as another person says. */
export type Tick = Roll["ticks"][number];

/** A tick of this browser, as it is sent. */
export type OwnTick = Api["POST /v1/rolls/{id}/ticks"]["body"]["ticks"][number] & { at: string };

/** Whether one tick is later than another one, as the server compares them. */
function isLater(one: Pick<Tick, "at" | "id">, other: Pick<Tick, "at" | "id">): boolean {
  const [time, otherTime] = [Date.parse(one.at), Date.parse(other.at)];
  return time > otherTime || (time === otherTime && one.id > other.id);
}

/** The latest tick of each person, by the key of the person. The order and the repetition of ticks have no effect. */
export function latestOf(ticks: Iterable<Tick>): ReadonlyMap<string, Tick> {
  const latest = new Map<string, Tick>();
  for (const tick of ticks) {
    const held = latest.get(tick.key);
    if (held === undefined || isLater(tick, held)) latest.set(tick.key, tick);
  }
  return latest;
}

/** A person of the list, with the latest tick. */
export interface Row {
  key: string;
  /** The way out after the beginning; null if there is none, or the person went in again. */
  out: Roll["outs"][number] | null;
  /** For people. */
  name: string;
  /** Null of a person who was added by hand. */
  person: Roll["people"][number] | null;
  tick: Tick | null;
  isSafe: boolean;
}

const byName = new Intl.Collator(undefined, { numeric: true });

/** All people of the list by name, with those who were added. */
export function rowsOf({ people, outs }: Pick<Roll, "people" | "outs">, latest: ReadonlyMap<string, Tick>): Row[] {
  const outOf = new Map(outs.map((out) => [out.key, out]));
  const rows = people.map((person): Row => {
    const { key, name, id } = person;
    return { ...rowOf(key, name ?? id, person, latest), out: outOf.get(key) ?? null };
  });
  const known = new Set(people.map(({ key }) => key));
  // A tick of a person who was erased since has no name.
  for (const { key, name } of latest.values()) {
    if (!known.has(key) && name !== null) rows.push(rowOf(key, name, null, latest));
  }
  return rows.sort((a, b) => byName.compare(a.name, b.name) || (a.key < b.key ? -1 : 1));
}

function rowOf(key: string, name: string, person: Row["person"], latest: ReadonlyMap<string, Tick>): Row {
  const tick = latest.get(key) ?? null;
  return { key, name, person, tick, isSafe: tick?.isSafe === true, out: null };
}

/** The people of a group of the list; the last group has those without one. */
export interface RowGroup {
  name: string | null;
  rows: readonly Row[];
}

/** Rows by the groups of people, the groups by name. */
export function rowGroups(rows: readonly Row[]): RowGroup[] {
  const groups = [...Map.groupBy(rows, ({ person }) => person?.group ?? null)];
  const after = (name: string | null) => (name === null ? 1 : 0);
  return groups
    .map(([name, ofGroup]) => ({ name, rows: ofGroup }))
    .sort((a, b) => after(a.name) - after(b.name) || byName.compare(a.name ?? "", b.name ?? ""));
}
