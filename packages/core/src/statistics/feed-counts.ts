import { minuteMs, secondMs } from "@gatepost/protocol";
import type { Zone } from "../zones/zone.ts";
import type { PageCounts, SharedCounts } from "./counts.ts";

/** The counts for every page of a console. */
export interface LiveCounts extends PageCounts {
  /** Events of today per second, over the last minute. */
  perSecond: number;
}

/** How many different questions are remembered. */
const maxQuestions = 100;

interface Deps {
  counts: Pick<SharedCounts, "live">;
  /** By which a day begins. */
  zone: Zone;
  clock(): number;
}

/** A count of today, and when it was read. */
interface Sample {
  at: number;
  today: number;
}

/** The counts that readers of the feed get, up to 5 s old. */
export class FeedCounts {
  readonly #deps: Deps;
  /** The samples of the last minute, the oldest first, by their boxes. */
  readonly #samples = new Map<string, Sample[]>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The counts of these boxes, null for every box. */
  async read(boxes: readonly string[] | null): Promise<LiveCounts> {
    const { counts, zone, clock } = this.#deps;
    const read = await counts.live({ boxes, zone });
    return { ...read, perSecond: this.#rate(JSON.stringify(boxes), { at: clock(), today: read.today }) };
  }

  #rate(question: string, now: Sample): number {
    const held = this.#samples.get(question) ?? [];
    const recent = held.filter(({ at }) => at <= now.at && now.at - at <= minuteMs);
    const first = recent[0] ?? now;
    // A day that begins, and an erasure, count backwards.
    const isNew = recent.at(-1)?.today !== now.today || now.at - (recent.at(-1)?.at ?? 0) >= secondMs;
    this.#samples.delete(question);
    this.#samples.set(question, isNew ? [...recent, now] : recent);
    for (const oldest of this.#samples.keys()) {
      if (this.#samples.size <= maxQuestions) break;
      this.#samples.delete(oldest);
    }
    const seconds = (now.at - first.at) / secondMs;
    return seconds === 0 ? 0 : Math.max(0, Math.round(((now.today - first.today) / seconds) * 10) / 10);
  }
}
