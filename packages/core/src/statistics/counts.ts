import type { Zone } from "../zones/zone.ts";
import type { HalfHourCounts } from "./half-hours.ts";
import { firstHalfHour } from "./usual.ts";

/** Which work is counted. */
export interface WorkFilter {
  /** Only the count of these boxes; null for every box. */
  boxes: readonly string[] | null;
  /** Only records from this time (ms) or later; null for all. */
  since: number | null;
}

/** The states of actions that still need a person or a program. */
export const openStates = ["pending", "announced", "failed"] as const;
export type OpenActions = Record<(typeof openStates)[number], number>;

/** Counts the open work. A store that would have to read too much stops at 1,000 of each. */
export interface OpenWork {
  /** Actions that are not done, by their state. */
  actions(filter: Pick<WorkFilter, "boxes">): Promise<OpenActions>;
  /** Records in quarantine. */
  quarantined(filter: WorkFilter): Promise<number>;
  /** Dead letters; null if the bus keeps its own. */
  deadLetters(filter: WorkFilter): Promise<number | null>;
}

/** Counts of today, and of open work. */
export interface TodayCounts {
  /** Passings of the local date. */
  today: number;
  actions: OpenActions;
  /** Boxes that report, and silent ones; null if boxes are not watched. */
  boxes: { reporting: number; silent: number } | null;
  problems: {
    /** Records in quarantine, and dead letters (null if the bus keeps its own). */
    quarantine: number;
    deadletters: number | null;
    /** Passings of the local date whose events have a flag. */
    flagged: number;
    /** Records and dead letters since a person last looked. */
    sinceSeen: number;
  };
}

/** The same in short, for every page. */
export interface PageCounts {
  /** Events whose time is today, in the zone of the deployment. */
  today: number;
  /** Actions that are pending, announced or failed. */
  actions: number;
  /** Boxes that are silent. */
  silent: number;
  /** Open problems: records in quarantine, and dead letters. */
  problems: number;
}

export interface CountsRequest {
  /** Only the counts of these boxes; null for every box. */
  boxes: readonly string[] | null;
  /** The zone by which a day begins. */
  zone: Zone;
  /** When a person looked at problems last, ms; null for never. */
  seen: number | null;
}

export interface CountsPorts {
  statistics: Pick<HalfHourCounts, "totals" | "flagged">;
  work: OpenWork;
  /** Every box that gave a sign of life; null if boxes are not watched. */
  boxes: { names(): Promise<{ box: string; isSilent: boolean }[]> } | null;
  clock(): number;
}

/** ms for which counts are reused. */
const sharedMs = 5000;

/** How many different questions are remembered. */
const maxShared = 100;

/**
 * Counts for the head of a console. Equal questions within 5 s get the same counts, which are read once.
 *
 * @example
 * const counts = new SharedCounts({ statistics, work, boxes, clock: Date.now });
 * const { today } = await counts.read({ boxes: null, zone, seen: null });
 */
export class SharedCounts {
  readonly #deps: CountsPorts;
  readonly #shared = new Map<string, { at: number; answer: Promise<unknown> }>();

  constructor(deps: CountsPorts) {
    this.#deps = deps;
  }

  async read({ seen, ...asked }: CountsRequest): Promise<TodayCounts> {
    const { problems, ...counts } = await this.#common(asked);
    const all = problems.quarantine + (problems.deadletters ?? 0);
    const sinceSeen = seen === null ? all : await this.#since(seen, asked.boxes);
    return { ...counts, problems: { ...problems, sinceSeen } };
  }

  /** The same in short, for the feed of changes, which counts its events per second itself. */
  async live(asked: Omit<CountsRequest, "seen">): Promise<PageCounts> {
    const { today, actions, boxes, problems } = await this.#common(asked);
    return {
      today,
      actions: actions.pending + actions.announced + actions.failed,
      silent: boxes?.silent ?? 0,
      problems: problems.quarantine + (problems.deadletters ?? 0),
    };
  }

  #common({ boxes, zone }: Omit<CountsRequest, "seen">) {
    return this.#once(JSON.stringify([zone.name, boxes]), async (now) => {
      const { statistics, work } = this.#deps;
      const day = zone.dayOf(now);
      const today = { from: firstHalfHour(zone, day), to: firstHalfHour(zone, day + 1), boxes };
      const all = { boxes, since: null };
      const [totals, flagged, actions, states, quarantine, deadletters] = await Promise.all([
        statistics.totals(today),
        statistics.flagged(today),
        work.actions({ boxes }),
        this.#boxStates(boxes),
        work.quarantined(all),
        work.deadLetters(all),
      ]);
      const sum = [...totals.values()].reduce((all, count) => all + count, 0);
      return { today: sum, actions, boxes: states, problems: { quarantine, deadletters, flagged } };
    });
  }

  #since(since: number, boxes: CountsRequest["boxes"]): Promise<number> {
    return this.#once(JSON.stringify([since, boxes]), async () => {
      const { work } = this.#deps;
      const [quarantine, deadLetters] = await Promise.all([
        work.quarantined({ boxes, since }),
        work.deadLetters({ boxes, since }),
      ]);
      return quarantine + (deadLetters ?? 0);
    });
  }

  async #boxStates(boxes: CountsRequest["boxes"]): Promise<TodayCounts["boxes"]> {
    if (this.#deps.boxes === null) return null;
    const known = (await this.#deps.boxes.names()).filter(({ box }) => boxes === null || boxes.includes(box));
    const silent = known.filter(({ isSilent }) => isSilent).length;
    return { reporting: known.length - silent, silent };
  }

  /** Reuses a recent answer to the same question. A failed answer is not reused. */
  #once<Answer>(question: string, ask: (now: number) => Promise<Answer>): Promise<Answer> {
    const now = this.#deps.clock();
    const known = this.#shared.get(question);
    if (known !== undefined && Math.abs(now - known.at) < sharedMs) return known.answer as Promise<Answer>;
    const answer = ask(now);
    const asked = { at: now, answer };
    this.#shared.delete(question);
    this.#shared.set(question, asked);
    answer.catch(() => {
      // By then the question may have been asked anew.
      if (this.#shared.get(question) === asked) this.#shared.delete(question);
    });
    for (const oldest of this.#shared.keys()) {
      if (this.#shared.size <= maxShared) break;
      this.#shared.delete(oldest);
    }
    return answer;
  }
}
