import { missedNews, type News, type NewsWriter, newNewsId, newsKeptMs, type Telling } from "./news.ts";
import type { ChangePage } from "./reader.ts";

/** Ids of events in all kept news together: about 10 MB. */
const maxIds = 100_000;

interface Deps {
  /** Gives the next cursor of the feed. */
  next(): string;
  /** The cursor of the feed when this begins: news from before it is not here. */
  begun: string;
  clock(): number;
}

/**
 * The news of the last hour, in the memory of the one process that writes the feed. If the process ends, its readers are
 * told that they have missed news.
 */
export class RecentNews implements NewsWriter {
  readonly #deps: Deps;
  #kept: (News & { since: number })[] = [];
  #ids = 0;
  /** The cursor up to which news is not kept. */
  #floor: string;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#floor = deps.begun;
  }

  async tell(news: readonly Telling[]): Promise<void> {
    const since = this.#deps.clock();
    for (const entry of news) {
      this.#kept.push({ ...entry, id: newNewsId(), cursor: this.#deps.next(), since });
      this.#ids += idsIn(entry);
    }
    this.#dropOld();
  }

  /** The cursor after all news. */
  get end(): string {
    return this.#kept.at(-1)?.cursor ?? this.#floor;
  }

  /** Joins the news after a cursor to the page of events after it. Both together are `limit` at most. */
  join(after: string, limit: number, page: Omit<ChangePage, "news">): ChangePage {
    this.#dropOld();
    const isBefore = ({ cursor }: News) => page.isEnd || cursor <= page.next;
    const begin = this.#kept.findLastIndex(({ cursor }) => cursor <= after) + 1;
    const found = this.#kept.slice(begin, begin + limit + 1).filter(isBefore);
    const last = cutAt(limit, [...page.items, ...found]);
    const isEnd = page.isEnd && last === null;
    const next = last ?? later(page.next, isEnd ? this.end : (found.at(-1)?.cursor ?? page.next));
    const news = found.filter(({ cursor }) => cursor <= next);
    const missed = missedNews(after, { at: this.#deps.clock(), cursor: next });
    return {
      items: page.items.filter(({ cursor }) => cursor <= next),
      news: after < this.#floor && this.#floor <= next ? [missed, ...news] : news,
      next,
      isEnd,
    };
  }

  #dropOld(): void {
    const from = this.#deps.clock() - newsKeptMs;
    let dropped = 0;
    for (const entry of this.#kept) {
      if (entry.since >= from && this.#ids <= maxIds) break;
      this.#ids -= idsIn(entry);
      this.#floor = entry.cursor;
      dropped += 1;
    }
    if (dropped > 0) this.#kept = this.#kept.slice(dropped);
  }
}

/** The cursor after the first `limit` entries; null if there are no more. */
function cutAt(limit: number, entries: readonly { cursor: string }[]): string | null {
  if (entries.length <= limit) return null;
  const cursors = entries.map(({ cursor }) => cursor).sort();
  return cursors[limit - 1] ?? null;
}

function idsIn({ told }: Pick<News, "told">): number {
  return "events" in told ? told.events.length : 1;
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}
