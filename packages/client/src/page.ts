import type { Client } from "./client.ts";
import type { ChangesPage, Event, News } from "./schema.ts";

/** ms in which an answer must come that is not held back. On a dead connection, none does. */
const answerMs = 30_000;

interface AskedPage {
  after: string | undefined;
  limit: number;
  /** Seconds for which the server may hold the answer. */
  wait: number;
  with?: string;
  signal: AbortSignal | undefined;
}

/** The next page. It is given up when it does not come in time, or when `signal` aborts. */
export async function askPage(
  client: Client,
  { after, limit, wait, signal, ...rest }: AskedPage,
): Promise<ChangesPage> {
  const late = AbortSignal.timeout(answerMs + wait * 1000);
  const held = wait === 0 ? {} : { wait };
  const either = signal === undefined ? late : AbortSignal.any([signal, late]);
  const page = await client.changes(after, limit, { ...held, ...rest, signal: either });
  if (!isPage(page)) throw new TypeError("something else than Gatepost answers there");
  return page;
}

/** A proxy may answer with another document. */
function isPage(page: Partial<ChangesPage> | null): page is ChangesPage {
  return (
    page !== null &&
    [page.events, page.news].every((list) => Array.isArray(list) && list.every(hasId)) &&
    typeof page.next === "string"
  );
}

const hasId = (one: { id?: unknown } | null) => typeof one?.id === "string";

/** Entries that are remembered. */
const maxGiven = 10_000;

/** What a reader of the feed was given: a page may have entries of an earlier one. */
export class Given {
  readonly #events = new Map<string, { sum: number; receivedAt: string }>();
  readonly #news = new Set<string>();
  /** An event that is not remembered and was received before is an update. */
  #since: string;

  /** @param begunAt ms since 1970 by the server's clock */
  constructor(begunAt: number) {
    this.#since = new Date(begunAt).toISOString();
  }

  /** Whether an event is new or has changed; null if it was given in this form. */
  event(event: Event): "new" | "update" | null {
    const { id, receivedAt } = event;
    const [sum, before] = [sumOf(JSON.stringify(event)), this.#events.get(id)];
    if (before?.sum === sum) return null;
    const isUpdate = before !== undefined || receivedAt <= this.#since;
    this.#events.delete(id);
    this.#events.set(id, { sum, receivedAt });
    for (const [oldest, { receivedAt: since }] of this.#events) {
      if (this.#events.size <= maxGiven) break;
      this.#events.delete(oldest);
      if (since > this.#since) this.#since = since;
    }
    return isUpdate ? "update" : "new";
  }

  isNews({ id }: News): boolean {
    if (this.#news.has(id)) return false;
    this.#news.add(id);
    for (const oldest of this.#news) {
      if (this.#news.size <= maxGiven) break;
      this.#news.delete(oldest);
    }
    return true;
  }
}

/** A number of 53 bits by which two forms of an event differ: the forms themselves would take many megabytes. */
function sumOf(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 2654435761);
    b = Math.imul(b ^ text.charCodeAt(at), 1597334677);
  }
  a ^= b >>> 16;
  b ^= a >>> 13;
  return (b & 0x1fffff) * 2 ** 32 + (a >>> 0);
}
