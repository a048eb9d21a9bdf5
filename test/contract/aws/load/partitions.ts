import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { itemSize } from "../../../../prove/simulation/aws/item-size.ts";
import type { Table } from "../../../../prove/simulation/aws/table.ts";

type Row = Record<string, AttributeValue>;

/** Units that DynamoDB gives one partition key in a second: of a table, and of each of its indexes. */
const unitsOfKey = { write: 1000, read: 3000 } as const;

type Kind = keyof typeof unitsOfKey;

/** The most units that a key of one kind of row used in a second. */
export interface Peak {
  kind: Kind;
  /** The first word of the key, after the index if it is a key of one: `byTime boxes`. */
  family: string;
  key: string;
  units: number;
  /** Seconds from the beginning. */
  second: number;
}

const [readUnit, writeUnit] = [4096, 1024];

/** Counts the units of each partition key by the second. */
export class Partitions {
  readonly #clock: () => number;
  readonly #peaks = new Map<string, Peak>();
  #start: number;
  #second = 0;
  #used = new Map<string, { kind: Kind; key: string; units: number }>();

  /** @param clock ms since 1970 */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#start = clock();
  }

  /** Forgets all earlier use. */
  begin(): void {
    this.#start = this.#clock();
    this.#second = 0;
    this.#used.clear();
    this.#peaks.clear();
  }

  /** The highest use of each kind of key, the most used first, as parts of what a key has. */
  peaks(): Peak[] {
    this.#endSecond();
    return [...this.#peaks.values()].sort((a, b) => shareOf(b) - shareOf(a));
  }

  readRow(pk: string, row: Row | undefined, isConsistent: boolean): void {
    const units = Math.max(1, Math.ceil((row === undefined ? 0 : itemSize(row)) / readUnit));
    this.#note("read", pk, isConsistent ? units : units / 2);
  }

  readPage(index: string, hash: string, rows: readonly Row[]): void {
    const bytes = rows.reduce((sum, row) => sum + itemSize(row), 0);
    this.#note("read", `${index} ${hash}`, Math.max(1, Math.ceil(bytes / readUnit)) / 2);
  }

  /** A write, also one that its condition refused. An index entry that moves is removed and added. */
  write(pk: string, { before, after, table }: { before: Row | undefined; after: Row | undefined; table: Table }): void {
    const bytes = Math.max(...[before, after].map((row) => (row === undefined ? 0 : itemSize(row))));
    this.#note("write", pk, Math.max(1, Math.ceil(bytes / writeUnit)));
    const [were, are] = [table.entriesOf(pk, before), table.entriesOf(pk, after)];
    for (const index of new Set([...were.keys(), ...are.keys()])) {
      const [was, is] = [were.get(index), are.get(index)];
      if (was?.hash === is?.hash && was?.range === is?.range) continue;
      for (const entry of [was, is]) if (entry !== undefined) this.#note("write", `${index} ${entry.hash}`, 1);
    }
  }

  #note(kind: Kind, key: string, units: number): void {
    const second = Math.floor((this.#clock() - this.#start) / 1000);
    if (second !== this.#second) this.#endSecond();
    this.#second = second;
    const name = `${kind} ${key}`;
    const used = this.#used.get(name);
    if (used === undefined) this.#used.set(name, { kind, key, units });
    else used.units += units;
  }

  #endSecond(): void {
    for (const { kind, key, units } of this.#used.values()) {
      const family = familyOf(key);
      const known = this.#peaks.get(`${kind} ${family}`);
      if (known !== undefined && known.units >= units) continue;
      this.#peaks.set(`${kind} ${family}`, { kind, family, key, units, second: this.#second });
    }
    this.#used = new Map();
  }
}

/** The part of its units that a key used. */
export function shareOf({ kind, units }: Pick<Peak, "kind" | "units">): number {
  return units / unitsOfKey[kind];
}

/** The index and the first word of a key, without its shard and its id. */
function familyOf(key: string): string {
  const [first = "", second = ""] = key.split(/[ #]/);
  return /^(?:by|changes|actions|awaited|ordered)/.test(first) ? `${first} ${second}` : (first.split("_")[0] ?? "");
}
