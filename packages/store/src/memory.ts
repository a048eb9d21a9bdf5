import { changed, checkChange, isExpired } from "./change.ts";
import { compareTexts, meets } from "./condition.ts";
import { compareEntries, isIn } from "./lists.ts";
import type { Change, Condition, Entry, Item, Items, ListedItem, Range, Written } from "./port.ts";

/** A call that a fault may hit. */
export interface Call {
  is: "get" | "getAll" | "write" | "remove" | "list";
  /** Its keys; for a list none. */
  pks: readonly string[];
}

/** `not-done`: the call fails without effect. `answer-lost`: it is done, but fails. */
export type Fault = "not-done" | "answer-lost" | null;

interface Deps {
  /** ms since 1970. */
  clock(): number;
  /** Waits until it is this call's turn: a test decides who goes first. */
  turn?(call: Call): Promise<void>;
  fault?(call: Call): Fault;
}

/** The record store in memory: for tests, and for records that end with the process. */
export class MemoryItems implements Items {
  readonly #rows = new Map<string, Item>();
  readonly #clock: () => number;
  readonly #turn: (call: Call) => Promise<void>;
  readonly #fault: (call: Call) => Fault;

  constructor({ clock, turn = async () => {}, fault = () => null }: Deps) {
    this.#clock = clock;
    this.#turn = turn;
    this.#fault = fault;
  }

  get(pk: string): Promise<Item | null> {
    return this.#call({ is: "get", pks: [pk] }, () => this.#copyOf(pk));
  }

  getAll(pks: readonly string[]): Promise<Map<string, Item>> {
    return this.#call({ is: "getAll", pks }, () => {
      const found = new Map<string, Item>();
      for (const pk of pks) {
        const item = this.#copyOf(pk);
        if (item !== null) found.set(pk, item);
      }
      return found;
    });
  }

  async write(change: Change): Promise<Written> {
    checkChange(change);
    const { pk, when } = change;
    return this.#call({ is: "write", pks: [pk] }, () => {
      const previous = this.#copyOf(pk);
      const applied = when === undefined || meets(when, previous);
      if (applied) this.#rows.set(pk, changed(change, previous));
      return { applied, previous };
    });
  }

  remove(pk: string, when?: Condition): Promise<Item | null> {
    return this.#call({ is: "remove", pks: [pk] }, () => {
      const item = this.#copyOf(pk);
      if (item === null || (when !== undefined && !meets(when, item))) return null;
      this.#rows.delete(pk);
      return item;
    });
  }

  async *entries(range: Range): AsyncGenerator<Entry> {
    for await (const { pk, at } of this.list(range)) yield { pk, at };
  }

  async *list({ lists, from = "", to, order }: Range): AsyncGenerator<ListedItem> {
    const listed = await this.#call({ is: "list", pks: [] }, () =>
      [...this.#rows.keys()].flatMap((pk) => {
        const item = this.#copyOf(pk);
        const at = item?.["at"];
        if (item === null || typeof at !== "string" || !isIn(lists, { pk, at, item })) return [];
        const isInside = compareTexts(at, from) >= 0 && (to === undefined || compareTexts(at, to) <= 0);
        return isInside ? [{ pk, at, item }] : [];
      }),
    );
    listed.sort(order === "ascending" ? compareEntries : (a, b) => compareEntries(b, a));
    yield* listed;
  }

  /** A copy, so that no caller changes the store. Null: it is missing, or has expired. */
  #copyOf(pk: string): Item | null {
    const item = this.#rows.get(pk);
    return item === undefined || isExpired(item, this.#clock()) ? null : { ...item };
  }

  async #call<Answer>(call: Call, work: () => Answer): Promise<Answer> {
    await this.#turn(call);
    const fault = this.#fault(call);
    if (fault === "not-done") throw new Error(`${call.is} ${call.pks.join(", ")} failed`);
    const answer = work();
    if (fault === "answer-lost") throw new Error(`the answer to ${call.is} ${call.pks.join(", ")} was lost`);
    return answer;
  }
}
