import { tableShape } from "@gatepost/aws";
import type { Row } from "./expressions.ts";

/** Bytes of the keys of an index at most. */
const [maxHashBytes, maxRangeBytes] = [2048, 1024];

interface Entry {
  pk: string;
  range: string;
  hash: string;
}

/** A change of a row, as the table's stream has it. */
export interface StreamImage {
  pk: string;
  before: Row | undefined;
  after: Row | undefined;
}

/** An index by its hash key and its range key, which contains only keys. */
export interface IndexShape {
  IndexName: string;
  KeySchema: readonly { AttributeName: string }[];
}

interface Range {
  hash: string;
  from: string;
  to: string;
  isAscending: boolean;
  limit: number;
  /** The entry that the page before ended with. */
  after: { range: string; pk: string } | null;
}

interface TablePorts {
  clock(): number;
  /** ms until an index shows a write of a row. */
  lag(pk: string): number;
  /**
   * Whether an index shows the rows of one hash key in the order in which they were written. If it lags by seconds,
   * Gatepost needs that: the heartbeats of the feed of changes cover no single row that is late.
   */
  isInOrder?: boolean;
  /** Hears of each change, in the order of the changes. */
  changed(image: StreamImage): void;
}

/** The table in memory: rows at once, its indexes later. */
export class Table {
  readonly #rows = new Map<string, Row>();
  readonly #indexes: Map<string, Index>;
  readonly #deps: TablePorts;

  constructor(deps: TablePorts, indexes: readonly IndexShape[] = tableShape.GlobalSecondaryIndexes) {
    this.#deps = deps;
    this.#indexes = new Map(
      indexes.map(({ IndexName, KeySchema: [hash, range] }) => [
        IndexName,
        new Index(hash?.AttributeName ?? "", range?.AttributeName ?? "", deps.isInOrder ?? false),
      ]),
    );
  }

  get(pk: string): Row | undefined {
    return this.#rows.get(pk);
  }

  rows(): Iterable<Row> {
    return this.#rows.values();
  }

  write(pk: string, after: Row | undefined): void {
    const before = this.#rows.get(pk);
    if (before === undefined && after === undefined) return;
    for (const index of this.#indexes.values()) index.check(after);
    if (after === undefined) this.#rows.delete(pk);
    else this.#rows.set(pk, after);
    const now = this.#deps.clock();
    for (const index of this.#indexes.values()) index.note(pk, before, after, now + this.#deps.lag(pk));
    this.#deps.changed({ pk, before, after });
  }

  get indexNames(): string[] {
    return [...this.#indexes.keys()];
  }

  dropIndex(name: string): void {
    this.#indexes.delete(name);
  }

  /** The indexes that have an entry for a row, with the entry. */
  entriesOf(pk: string, row: Row | undefined): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const [name, index] of this.#indexes) {
      const entry = index.entryOf(pk, row);
      if (entry !== null) entries.set(name, entry);
    }
    return entries;
  }

  /** The rows of one hash key of an index, in order, and whether there may be more. */
  query(name: string, range: Range): { entries: Entry[]; isEnd: boolean; names: { hash: string; range: string } } {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`the table has no index ${name}`);
    return { ...index.query(range, this.#deps.clock()), names: index.names };
  }
}

class Index {
  readonly names: { hash: string; range: string };
  readonly #entries = new Map<string, Entry[]>();
  readonly #shown = new Map<string, Entry>();
  readonly #isInOrder: boolean;
  /** When the last change of each row, or of each hash key, shows. */
  readonly #lastAt = new Map<string, number>();
  #pending: { at: number; pk: string; entry: Entry | null }[] = [];

  constructor(hash: string, range: string, isInOrder: boolean) {
    this.names = { hash, range };
    this.#isInOrder = isInOrder;
  }

  /** The entry of a row in the index, once it is visible. */
  entryOf(pk: string, row: Row | undefined): Entry | null {
    const [hash, range] = [row?.[this.names.hash]?.S, row?.[this.names.range]?.S];
    return hash === undefined || range === undefined ? null : { pk, hash, range };
  }

  /** Throws if a key of the index is no text. */
  check(row: Row | undefined): void {
    for (const [name, most] of [
      [this.names.hash, maxHashBytes],
      [this.names.range, maxRangeBytes],
    ] as const) {
      const { S = "" } = row?.[name] ?? { S: "any" };
      if (S === "" || Buffer.byteLength(S) > most) throw new Error(`${name} is no text that an index may have`);
    }
  }

  /** Changes of one row appear in their order. */
  note(pk: string, before: Row | undefined, after: Row | undefined, at: number): void {
    const [was, is] = [this.entryOf(pk, before), this.entryOf(pk, after)];
    if (was?.hash === is?.hash && was?.range === is?.range) return;
    const ordered = this.#isInOrder ? [was, is].flatMap((entry) => (entry === null ? [] : `#${entry.hash}`)) : [];
    const names = [pk, ...ordered];
    const shownAt = Math.max(at, ...names.map((name) => this.#lastAt.get(name) ?? 0));
    for (const name of names) this.#lastAt.set(name, shownAt);
    this.#pending.push({ at: shownAt, pk, entry: is });
  }

  query({ hash, from, to, isAscending, limit, after }: Range, now: number): { entries: Entry[]; isEnd: boolean } {
    this.#catchUp(now);
    const all = (this.#entries.get(hash) ?? []).filter(({ range }) => range >= from && range <= to);
    const ordered = isAscending ? all : all.toReversed();
    const rest = after === null ? ordered : ordered.filter((entry) => isBehind(entry, after, isAscending));
    return { entries: rest.slice(0, limit), isEnd: rest.length <= limit };
  }

  #catchUp(now: number): void {
    if (this.#pending.length === 0) return;
    const due = this.#pending.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter(({ at }) => at > now);
    for (const { pk, entry } of due) this.#show(pk, entry);
  }

  #show(pk: string, entry: Entry | null): void {
    const shown = this.#shown.get(pk);
    if (shown !== undefined) {
      const list = this.#entries.get(shown.hash) ?? [];
      list.splice(list.indexOf(shown), 1);
      this.#shown.delete(pk);
    }
    if (entry === null) return;
    this.#shown.set(pk, entry);
    const list = this.#entries.get(entry.hash) ?? [];
    this.#entries.set(entry.hash, list);
    // From the end, because nearly all entries belong there.
    list.splice(list.findLastIndex((other) => compare(other, entry) < 0) + 1, 0, entry);
  }
}

function isBehind(entry: Entry, after: { range: string; pk: string }, isAscending: boolean): boolean {
  const order = compare(entry, after);
  return isAscending ? order > 0 : order < 0;
}

function compare(a: { range: string; pk: string }, b: { range: string; pk: string }): number {
  return a.range < b.range ? -1 : a.range > b.range ? 1 : a.pk < b.pk ? -1 : a.pk > b.pk ? 1 : 0;
}
