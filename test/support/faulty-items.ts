import {
  type Change,
  type Condition,
  type Entry,
  type Items,
  isIn,
  type ListedItem,
  type Range,
} from "@gatepost/store";

/**
 * The faults of one call of a process. `throttled`: it is not done, and fails. `answer lost`: it is done, and fails all
 * the same. `overtaken`: another process does something right before it. `torn list`: a list fails after its first
 * entry.
 */
export const callFaults = ["throttled", "answer lost", "overtaken", "torn list"] as const;

export type CallFault = (typeof callFaults)[number];

interface Plan {
  is: CallFault;
  /** The number of the call, from 0. */
  call: number;
  /** What the other process does. */
  other(): Promise<unknown>;
}

/** The record store as one process has it, of whose calls one goes wrong. */
export class FaultyItems implements Items {
  readonly #items: Items;
  readonly #plan: Plan;
  #left: number;

  constructor(items: Items, plan: Plan) {
    this.#items = items;
    this.#plan = plan;
    this.#left = plan.call;
  }

  /** Whether the call has come. */
  get hasStruck(): boolean {
    return this.#left < 0;
  }

  get(pk: string) {
    return this.#call(() => this.#items.get(pk));
  }

  getAll(pks: readonly string[]) {
    return this.#call(() => this.#items.getAll(pks));
  }

  write(change: Change) {
    return this.#call(() => this.#items.write(change));
  }

  remove(pk: string, when?: Condition) {
    return this.#call(() => this.#items.remove(pk, when));
  }

  entries(range: Range): AsyncGenerator<Entry> {
    return this.#listed(this.#items.entries(range));
  }

  list(range: Range): AsyncGenerator<ListedItem> {
    return this.#listed(this.#items.list(range));
  }

  async #call<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { is } = this.#plan;
    if (is === "torn list" || !this.#strikes()) return work();
    if (is === "throttled") throw new Error("the store does not do this now");
    if (is === "overtaken") await this.#plan.other();
    const answer = await work();
    if (is === "answer lost") throw new Error("the answer was lost");
    return answer;
  }

  async *#listed<One>(list: AsyncIterable<One>): AsyncGenerator<One> {
    const isTorn = this.#plan.is === "torn list" && this.#strikes();
    await this.#call(async () => {});
    for await (const one of list) {
      yield one;
      if (isTorn) break;
    }
    if (isTorn) throw new Error("the rest of the list could not be read");
  }

  #strikes(): boolean {
    return this.#left-- === 0;
  }
}

/** The record store with indexes that are late: lists lack new records, and still name removed ones. */
export class LateItems implements Items {
  readonly #items: Items;
  readonly #made = new Set<string>();
  readonly #removed: ListedItem[] = [];

  constructor(items: Items) {
    this.#items = items;
  }

  get(pk: string) {
    return this.#items.get(pk);
  }

  getAll(pks: readonly string[]) {
    return this.#items.getAll(pks);
  }

  async write(change: Change) {
    const written = await this.#items.write(change);
    if (written.applied && written.previous === null) this.#made.add(change.pk);
    return written;
  }

  async remove(pk: string, when?: Condition) {
    const item = await this.#items.remove(pk, when);
    if (item !== null) this.#removed.push({ pk, at: String(item["at"]), item });
    return item;
  }

  async *entries(range: Range): AsyncGenerator<Entry> {
    const { lists, from = "", to = "~" } = range;
    yield* this.#removed.filter((one) => isIn(lists, one) && one.at >= from && one.at <= to);
    yield* this.list(range);
  }

  async *list(range: Range): AsyncGenerator<ListedItem> {
    for await (const listed of this.#items.list(range)) if (!this.#made.has(listed.pk)) yield listed;
  }
}
