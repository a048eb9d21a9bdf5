import { usualLagMs } from "./case.ts";
import type { Expected } from "./reports.ts";

/** One request of a box, or one replay, that tells of passings. */
interface Telling {
  told: readonly Expected[];
  from: number;
  /** When it was answered, or nobody waited for it any more; Infinity before. */
  until: number;
  isAcknowledged: boolean;
}

/** One erasure, from its first try on. */
interface Erasure {
  /** `late`: also what was on its way when it began. */
  covers(expected: Expected): boolean;
  isOfPerson: boolean;
  from: number;
  /** When it was answered; Infinity before. */
  until: number;
  /** When what was left of it was done; Infinity before. */
  finishedAt: number;
}

/** ms for which something may go on of a request that nobody waits for any more. */
const lateMs = 8000;

/** ms before an erasure of a passing that is stored in doubt: the margin of the runtime for AWS. */
const erasureMarginMs = 10_000;

/** ms after which a write, retries and an index that lags as usual included, has come to rest. */
const settlesMs = 5000;

/** ms after which every process knows that a picture is not to be relied on, that a key is revoked, or what was erased. */
const propagatedMs = 72_000;

/**
 * What must hold, from what was asked and answered alone. Where a run leaves open what is right, because things
 * happened at the same time, it says so and asks for nothing.
 */
export class Model {
  readonly #tellings: Telling[] = [];
  readonly #known = new Map<string, Expected>();
  readonly #erasures: Erasure[] = [];
  readonly #revoked = new Map<string, number>();
  readonly #skewMs: number;
  readonly #settlesMs: number;
  /** Everything from before has expired. */
  #since = 0;

  /** @param lagMs by which indexes are behind at most */
  constructor({ skewMs, lagMs }: { skewMs: number; lagMs: number }) {
    this.#skewMs = skewMs;
    this.#settlesMs = settlesMs + lagMs - usualLagMs;
  }

  /** The reports that were ever told of, each once. */
  get known(): readonly Expected[] {
    return [...this.#known.values()];
  }

  get hasErasures(): boolean {
    return this.#erasures.length > 0;
  }

  tell(told: readonly Expected[], now: number): { acknowledged(now: number): void; over(now: number): void } {
    const telling: Telling = { told, from: now, until: Number.POSITIVE_INFINITY, isAcknowledged: false };
    this.#tellings.push(telling);
    for (const one of told) this.#known.set(one.name, one);
    return {
      acknowledged: (at) => {
        telling.until = at;
        telling.isAcknowledged = true;
      },
      over: (at) => {
        telling.until = Math.min(telling.until, at + lateMs);
      },
    };
  }

  /** A replay takes reports that are in quarantine on their way again. */
  replayed(now: number): { over(now: number): void } {
    return this.tell(
      this.known.filter(({ spec }) => spec.isBroken),
      now,
    );
  }

  erase(covers: Erasure["covers"], isOfPerson: boolean, now: number): { done(now: number): void } {
    const never = Number.POSITIVE_INFINITY;
    const erasure: Erasure = { covers, isOfPerson, from: now, until: never, finishedAt: never };
    this.#erasures.push(erasure);
    return {
      done: (at) => {
        erasure.until = at;
      },
    };
  }

  /** What was left of erasures is done, by a run that began at a time. */
  finished(from: number, until: number): void {
    for (const erasure of this.#erasures) {
      if (erasure.until + propagatedMs + this.#skewMs < from) {
        erasure.finishedAt = Math.min(erasure.finishedAt, until);
      }
    }
  }

  revoke(box: string, now: number): void {
    this.#revoked.set(box, now);
  }

  /** Whether a request of a box must be refused that begins now. */
  isRevoked(box: string, now: number): boolean {
    return now > (this.#revoked.get(box) ?? Number.POSITIVE_INFINITY) + 61_000 + this.#skewMs;
  }

  mayBeRefused(box: string): boolean {
    return this.#revoked.has(box);
  }

  expired(now: number): void {
    this.#since = now;
  }

  /** The requests with which a report was acknowledged, and of which nothing may be missing. */
  acknowledgedOf(expected: Expected): Telling[] {
    // Every passing of a run was before it began: what was erased does not come again.
    if (this.wasErasedAtAll(expected)) return [];
    return this.#tellingsOf(expected).filter(({ isAcknowledged }) => isAcknowledged);
  }

  /** Whether a report must be found now: it was acknowledged, and no erasure can have been meant for it. */
  mustBeFound(expected: Expected): boolean {
    return this.acknowledgedOf(expected).length > 0;
  }

  /** Whether no report of an event may be found: it was erased, or has expired, and none of it came since. */
  mustBeGone(expected: Expected, now: number): boolean {
    const tellings = this.#tellings.filter(
      ({ told, from }) => from >= this.#since && told.some((one) => isOfSameEvent(one, expected)),
    );
    if (tellings.length === 0) return true;
    const faces = this.known.filter((one) => isOfSameEvent(one, expected)).flatMap(({ face }) => face ?? []);
    // Which of two faces has an event of its own depends on who came first.
    const isOneEvent = new Set(faces).size <= 1;
    return this.#erasuresOf(expected).some((erasure) => {
      if (now <= erasure.until || !(erasure.isOfPerson || isOneEvent)) return false;
      // By the clock of the process that erases, the passing may have been after the erasure, which counts only for
      // passings before its margin.
      if (erasure.from - expected.passedAt <= this.#skewMs + erasureMarginMs) return false;
      // What came since is not stored, and what was stored by who did not know of the erasure yet is gone, too.
      if (now > erasure.finishedAt) return true;
      // The events of a person are found by an index: what it shows late goes when the erasure is finished.
      const settled = erasure.from - this.#skewMs - (erasure.isOfPerson ? this.#settlesMs : 0);
      return tellings.every(({ until }) => until < settled);
    });
  }

  /** Whether everything that was ever told of an event is finally erased, with its pictures. */
  isErasedForGood(expected: Expected, now: number): boolean {
    // Pictures of what had expired before the erasure was finished go with their month.
    const isFinished = ({ from, finishedAt }: Erasure) => from >= this.#since && now > finishedAt;
    return this.mustBeGone(expected, now) && this.#erasuresOf(expected).some(isFinished);
  }

  /** Whether every request that told of a picture was acknowledged: what was not may have left one that no event shows. */
  isKnownPicture(sha256: string): boolean {
    const tellings = this.#tellings.filter(({ told }) => told.some(({ pictures }) => holds(pictures, sha256)));
    return tellings.every(({ isAcknowledged }) => isAcknowledged);
  }

  /** Whether any report that may be there shows a picture. */
  isShown(sha256: string, now: number): boolean {
    return this.known.some((one) => holds(one.pictures, sha256) && !this.mustBeGone(one, now));
  }

  /** Whether a report that calls the face unfit was acknowledged before one that asks for the action was begun. */
  wasUnfitBefore(expected: Expected): boolean {
    const asks = this.#tellings.filter(
      ({ told, from }) =>
        from >= this.#since && told.some((one) => isOfSameEvent(one, expected) && one.spec.want !== "0"),
    );
    const asked = Math.min(...asks.map(({ from }) => from));
    return this.#tellings.some(
      ({ told, isAcknowledged, from, until }) =>
        isAcknowledged &&
        from >= this.#since &&
        until < asked &&
        told.some((one) => isOfSameEvent(one, expected) && !one.spec.isFit),
    );
  }

  /** Whether any report that may belong to the event calls the face unfit. */
  mayBeUnfit(expected: Expected): boolean {
    return this.known.some((one) => isOfSameEvent(one, expected) && !one.spec.isFit);
  }

  wasErasedAtAll(expected: Expected): boolean {
    return this.#erasuresOf(expected).length > 0;
  }

  /** Also those from before what has expired: what was erased is remembered for longer. */
  #erasuresOf(expected: Expected): Erasure[] {
    return this.#erasures.filter(({ covers }) => covers(expected));
  }

  #tellingsOf(expected: Expected): Telling[] {
    return this.#tellings.filter(
      ({ told, from }) => from >= this.#since && told.some(({ name }) => name === expected.name),
    );
  }
}

/** Whether two reports are, or may be, of one event. */
function isOfSameEvent(a: Expected, b: Expected): boolean {
  return a.eventId === b.eventId || a.twinId === b.twinId;
}

function holds(pictures: Expected["pictures"], sha256: string): boolean {
  return [...pictures.values()].includes(sha256);
}
