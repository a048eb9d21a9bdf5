import { usualLagMs } from "./case.ts";
import type { Expected } from "./reports.ts";

/** One request of a box, or one replay, with its passings. */
interface Telling {
  told: readonly Expected[];
  from: number;
  /** When it was answered, or its sender gave it up; Infinity before. */
  until: number;
  isAcknowledged: boolean;
}

/** One erasure, from its first try on. */
interface Erasure {
  /** `late`: also requests under way when it began. */
  covers(expected: Expected): boolean;
  isOfPerson: boolean;
  from: number;
  /** When it was answered; Infinity before. */
  until: number;
  /** When the rest of it was done; Infinity before. */
  finishedAt: number;
}

/** ms for which a request may continue after its sender has given it up. */
const lateMs = 8000;

/** ms before an erasure of a passing that is stored in doubt: the margin of the runtime for AWS. */
const erasureMarginMs = 10_000;

/** ms after which a write, retries and an index that lags as usual included, has come to rest. */
const settlesMs = 5000;

/** ms after which every process knows of a doubtful picture, a revoked key or an erasure. */
const propagatedMs = 72_000;

/**
 * The promises, derived from requests and answers alone. If a run leaves the right result open, because things happened
 * at the same time, it asks for nothing.
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

  /** All reports of all requests, each once. */
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

  /** The rest of all erasures is done, by a run that began at a time. */
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
    // Every passing of a run was before it began: an erased one does not come back.
    if (this.wasErasedAtAll(expected)) return [];
    return this.#tellingsOf(expected).filter(({ isAcknowledged }) => isAcknowledged);
  }

  /** Whether a report must be found now: it was acknowledged, and no erasure can have been meant for it. */
  mustBeFound(expected: Expected): boolean {
    return this.acknowledgedOf(expected).length > 0;
  }

  /** Whether no report of an event may be found: it was erased, or has expired, and was not received since. */
  mustBeGone(expected: Expected, now: number): boolean {
    const tellings = this.#tellings.filter(
      ({ told, from }) => from >= this.#since && told.some((one) => isOfSameEvent(one, expected)),
    );
    if (tellings.length === 0) return true;
    const faces = this.known.filter((one) => isOfSameEvent(one, expected)).flatMap(({ face }) => face ?? []);
    // Of two faces, the one that arrives later gets a separate event.
    const isOneEvent = new Set(faces).size <= 1;
    return this.#erasuresOf(expected).some((erasure) => {
      if (now <= erasure.until || !(erasure.isOfPerson || isOneEvent)) return false;
      // By the clock of the process that erases, the passing may have been after the erasure, which counts only for
      // passings before its margin.
      if (erasure.from - expected.passedAt <= this.#skewMs + erasureMarginMs) return false;
      // Later reports are not stored, and reports stored by a process that did not know of the erasure are gone, too.
      if (now > erasure.finishedAt) return true;
      // The events of a person are found by an index: what it shows late goes when the erasure is finished.
      const settled = erasure.from - this.#skewMs - (erasure.isOfPerson ? this.#settlesMs : 0);
      return tellings.every(({ until }) => until < settled);
    });
  }

  /** Whether all reports of an event are finally erased, with their pictures. */
  isErasedForGood(expected: Expected, now: number): boolean {
    // Pictures that had expired before the erasure was finished go with their month.
    const isFinished = ({ from, finishedAt }: Erasure) => from >= this.#since && now > finishedAt;
    return this.mustBeGone(expected, now) && this.#erasuresOf(expected).some(isFinished);
  }

  /** Whether every request with a picture was acknowledged: another one may have left a picture that no event shows. */
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

  /** Also the erasures before the expiry: they are remembered for longer than events. */
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
