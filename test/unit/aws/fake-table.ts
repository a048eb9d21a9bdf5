import { setImmediate as turn } from "node:timers/promises";
import { all, type Change, type Condition, changed, type Item, meets } from "@gatepost/store";
import type { Dynamo, KeyPage, KeyRange } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { textOf } from "../../../packages/aws/src/dynamo/item.ts";
import { indexKeys } from "../../../packages/aws/src/dynamo/table.ts";
import { seeded } from "../../support/seeded.ts";

/**
 * Rows in memory, whose calls take their turns in any order. A failed call may have been done or not, like a call whose
 * answer is lost.
 */
export class FakeTable implements Pick<Dynamo, "get" | "getAll" | "put" | "update" | "keys"> {
  readonly rows = new Map<string, Item>();
  readonly random: () => number;
  alwaysRefuse = false;
  /** Is waited for before rows are read. */
  beforeRead: () => Promise<void> = async () => {};
  #failures: number;
  #failsIn: number | null = null;

  constructor({ seed = 1, failures = 0 } = {}) {
    this.random = seeded(seed);
    this.#failures = failures;
  }

  /** Lets the n-th write from now on fail. */
  failAt(write: number): void {
    this.#failsIn = write;
  }

  heal(): void {
    this.#failures = 0;
  }

  asDynamo(): Dynamo {
    return this as unknown as Dynamo;
  }

  async getAll(pks: readonly string[]): Promise<Map<string, Item>> {
    await this.beforeRead();
    const rows = new Map<string, Item>();
    // A batch of reads is no snapshot.
    for (const pk of pks.toSorted(() => this.random() - 0.5)) {
      await this.#turns();
      const row = this.rows.get(pk);
      if (row !== undefined) rows.set(pk, { ...row });
    }
    this.#mayFail();
    return rows;
  }

  async put(row: Item, when: Condition) {
    return this.#write(textOf(row, "pk"), when, () => ({ ...row }));
  }

  async update(change: Change) {
    return this.#write(change.pk, change.when ?? all(), (before) => changed(change, before));
  }

  async get(pk: string): Promise<Item | null> {
    return (await this.getAll([pk])).get(pk) ?? null;
  }

  async keys({ index, hash }: KeyRange): Promise<KeyPage> {
    await this.#turns();
    const names = indexKeys[index];
    const keys = [...this.rows.values()].filter((row) => row[names.hash] === hash);
    return { keys, next: undefined };
  }

  async #write(pk: string, when: Condition, after: (before: Item | null) => Item) {
    await this.#turns();
    if (this.#failsIn !== null && --this.#failsIn === 0) throw new Error("the table does not answer");
    if (this.random() < 0.5) this.#mayFail();
    const previous = this.rows.get(pk) ?? null;
    const applied = !this.alwaysRefuse && meets(when, previous);
    if (applied) this.rows.set(pk, after(previous));
    await this.#turns();
    this.#mayFail();
    return { applied, previous };
  }

  async #turns(): Promise<void> {
    const turns = Math.floor(this.random() ** 4 * 12);
    for (let n = 0; n < turns; n++) await turn();
  }

  #mayFail(): void {
    if (this.random() < this.#failures) throw new Error("the table does not answer");
  }
}
