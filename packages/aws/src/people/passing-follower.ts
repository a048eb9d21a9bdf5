import type { ChangePage } from "@gatepost/core/events";
import { type ChangedPassing, storedPassingOf } from "@gatepost/core/people";
import type { ChangesSince } from "@gatepost/core/presence";
import { merge, secondMs } from "@gatepost/protocol";
import type { DynamoChangeFeed } from "../events/change-feed.ts";

/** Changes of a page, and pages of one call: after more changes, it takes less to read the passings of some days again. */
const [pageSize, maxPages] = [200, 5];

/** Changes that are held for followers. */
const maxHeld = 5000;

/** ms for which all followers share a read of the feed. */
const sharedMs = secondMs;

interface Deps {
  feed: Pick<DynamoChangeFeed, "read" | "end">;
  clock(): number;
}

/** Tells all readers of a process that keep passings in memory the changes since they asked last. */
export class PassingFollower {
  readonly #deps: Deps;
  #cursor: string | null = null;
  /** The newest changes, and how many there were before them. */
  #held: ChangedPassing[] = [];
  #before = 0;
  /** When each event of the last call was changed: the end of the feed is given again until it is settled. */
  #given: ReadonlyMap<string, string> = new Map();
  #reading: { at: number; done: Promise<void> } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Follows the changes from now on. Begins with the held ones: the lists of events, which the reader reads next, may lag
   * behind the feed.
   */
  async follow(): Promise<ChangesSince> {
    await this.#advance();
    let place = this.#before;
    return async () => {
      await this.#advance();
      const from = place - this.#before;
      place = this.#before + this.#held.length;
      return from < 0 ? null : this.#held.slice(from);
    };
  }

  async #advance(): Promise<void> {
    const now = this.#deps.clock();
    const age = now - (this.#reading?.at ?? Number.NEGATIVE_INFINITY);
    if (this.#reading === null || age < 0 || age >= sharedMs) this.#reading = { at: now, done: this.#read() };
    const reading = this.#reading;
    try {
      await reading.done;
    } catch (error) {
      if (this.#reading === reading) this.#reading = null;
      throw error;
    }
  }

  async #read(): Promise<void> {
    const { feed } = this.#deps;
    let cursor = this.#cursor ?? (await feed.end());
    const given = new Map<string, string>();
    const changed: ChangedPassing[] = [];
    for (let pages = 0; pages < maxPages; pages++) {
      const page = await feed.read(cursor, pageSize);
      if (page.news.some(({ told }) => told.kind === "missed")) break;
      changed.push(...this.#changesIn(page, given));
      cursor = page.next;
      if (!page.isEnd) continue;
      [this.#cursor, this.#given] = [cursor, given];
      this.#hold(changed);
      return;
    }
    // All followers have to read again.
    this.#before += this.#held.length + 1;
    [this.#held, this.#given] = [[], new Map()];
    this.#cursor = await feed.end();
  }

  /** The changes of a page that the last call did not give, which are noted in `given`. */
  #changesIn({ items, news }: ChangePage, given: Map<string, string>): ChangedPassing[] {
    const isNew = (id: string, at: string) => {
      given.set(id, at);
      return this.#given.get(id) !== at;
    };
    const erased = news.flatMap(({ id, told }) => (told.kind === "erased" && isNew(id, id) ? told.events : []));
    return [
      ...items
        .filter(({ event, changed }) => isNew(event.id, changed))
        .map(({ event }) => ({ event: event.id, passing: storedPassingOf(merge(event)) })),
      ...erased.map((event) => ({ event, passing: null })),
    ];
  }

  #hold(changed: readonly ChangedPassing[]): void {
    this.#held.push(...changed);
    const tooMany = Math.max(0, this.#held.length - maxHeld);
    this.#held = this.#held.slice(tooMany);
    this.#before += tooMany;
  }
}
