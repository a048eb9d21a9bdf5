import { minuteMs } from "@gatepost/protocol";
import { type ErrorKind, GatepostError } from "../errors/errors.ts";
import { beginsAsToken, hasTokenForm } from "../keys/token.ts";
import type { Log } from "../log/log.ts";
import { masked } from "../masking/mask.ts";
import { isReserved, routes } from "../paths/paths.ts";

/**
 * Why a connection was refused before it had a complete request. `tls`, `no-tls`: TLS to a port without it, or none to a
 * port with it.
 */
export const connectionRefusals = ["not-http", "too-slow", "tls", "no-tls", "tls-failed"] as const;
export type ConnectionRefusal = (typeof connectionRefusals)[number];

/** `unknown-terminal`: a terminal of ZKTeco whose serial no live key lists. */
export type RefusalKind =
  | "unknown-terminal"
  | "wrong-path"
  | "wrong-key"
  | "wrong-scope"
  | "too-large"
  | "too-many"
  | ConnectionRefusal;

/** The connections of one address that were refused for one reason, as people see them. */
export interface RefusedConnections {
  reason: ConnectionRefusal;
  from: string;
  count: number;
  /** ISO instant. */
  last: string;
}

/** One refused request, as people see it. */
export interface RefusedRequest {
  /** ISO instant. */
  at: string;
  kind: RefusalKind;
  from: string;
  /** The path with `…` in the place of the key. */
  path: string;
}

/** Who was refused. */
export interface Refused {
  address: string;
  segments: readonly string[];
  /** The texts that may be its key. */
  candidates?: readonly string[];
}

const kinds: Partial<Record<ErrorKind, RefusalKind>> = {
  unauthorized: "wrong-key",
  forbidden: "wrong-scope",
  "too-large": "too-large",
  "too-many": "too-many",
};

const maxRecent = 200;
const maxTextLength = 64;
const maxLinesAMinute = 50;
const maxAddresses = 10_000;

/** The first part of the paths of terminals of ZKTeco, which have their serial in the place of a key. */
const terminals = "iclock";

/** Words that may be the first part of a path and are not a key. */
const knownWords: ReadonlySet<string> = new Set([
  terminals,
  ...routes.map(({ path }) => path.replace(/^\/([^/]+).*$/, "$1")),
]);

interface Count extends Pick<RefusedRequest, "kind" | "from"> {
  /** Whether it showed what begins as a key does: scanners do not. */
  showsKey: boolean;
  saidAt: number;
  /** The number of refusals since then. */
  times: number;
}

/**
 * Records refused requests: the last ones in memory; in the log one line at once, then one a minute for each address
 * and kind, with a count. With more than fifty lines a minute, the rest is logged as one sum.
 */
export class RefusalTrace {
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #onNote: (kind: RefusalKind) => void;
  readonly #recent: RefusedRequest[] = [];
  readonly #counts = new Map<string, Count>();
  #minute = { since: Number.NEGATIVE_INFINITY, lines: 0, unsaid: 0 };
  #timer: NodeJS.Timeout | null = null;

  /** @param onNote is called for each refusal, to count it */
  constructor(log: Log, clock: () => number, onNote: (kind: RefusalKind) => void = () => {}) {
    this.#log = log;
    this.#clock = clock;
    this.#onNote = onNote;
  }

  /** The last 200 that may be of a box, the newest first. Those at paths of the API or the console are left out. */
  get recent(): readonly RefusedRequest[] {
    return this.#recent.toReversed();
  }

  /** Notes a failure if it is a refusal of the client. */
  noteError(error: unknown, refused: Refused): void {
    const kind = error instanceof GatepostError ? kinds[error.kind] : undefined;
    const isTerminal = kind === "wrong-key" && refused.segments[0] === terminals;
    if (kind !== undefined) this.note(isTerminal ? "unknown-terminal" : kind, refused);
  }

  note(kind: RefusalKind, { address, segments, candidates = segments }: Refused): void {
    this.#onNote(kind);
    const now = this.#clock();
    const from = shorten(address);
    if (!isReserved(segments)) {
      this.#recent.push({ at: new Date(now).toISOString(), kind, from, path: shorten(shownPath(segments)) });
      if (this.#recent.length > maxRecent) this.#recent.shift();
    }
    this.#beginMinute(now);
    this.#count({ kind, from, showsKey: candidates.some(beginsAsToken) }, now);
    this.#timer ??= setInterval(() => this.flush(), minuteMs).unref();
  }

  /** Logs the counts of past minutes that are not logged yet. */
  flush(): void {
    const now = this.#clock();
    this.#beginMinute(now);
    for (const [name, count] of this.#counts) {
      if (!isMinuteOver(count.saidAt, now)) continue;
      if (count.times > 0) this.#say(count, now);
      else this.#counts.delete(name);
    }
    if (this.#counts.size === 0) this.close();
  }

  /** Stops the timer, and logs the rest. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    const unsaid = [...this.#counts.values()].reduce((sum, { times }) => sum + times, this.#minute.unsaid);
    this.#counts.clear();
    this.#sum(unsaid);
  }

  #count(one: Pick<Count, "kind" | "from" | "showsKey">, now: number): void {
    const name = JSON.stringify(one);
    const count = this.#counts.get(name) ?? { ...one, saidAt: Number.NEGATIVE_INFINITY, times: 0 };
    count.times += 1;
    this.#counts.set(name, count);
    if (isMinuteOver(count.saidAt, now)) this.#say(count, now);
    if (this.#counts.size > maxAddresses) this.#forgetOldest();
  }

  #say(count: Count, now: number): void {
    const { kind, from, showsKey, times } = count;
    count.saidAt = now;
    count.times = 0;
    if (this.#minute.lines < maxLinesAMinute) {
      this.#minute.lines += 1;
      this.#log.warn("refused", { kind, from, times, ...(showsKey && { shows: "key" }) });
    } else this.#minute.unsaid += times;
  }

  #beginMinute(now: number): void {
    if (!isMinuteOver(this.#minute.since, now)) return;
    const { unsaid } = this.#minute;
    this.#minute = { since: now, lines: 0, unsaid: 0 };
    this.#sum(unsaid);
  }

  #sum(times: number): void {
    this.#minute.unsaid = 0;
    if (times > 0) this.#log.warn("refused, and not listed one by one", { times });
  }

  #forgetOldest(): void {
    for (const [name, { times }] of this.#counts) {
      this.#minute.unsaid += times;
      this.#counts.delete(name);
      return;
    }
  }
}

/**
 * Whether a minute is over since then. Also true after the clock was set: then the time is unknown, and no line may be
 * held back for hours.
 */
function isMinuteOver(since: number, now: number): boolean {
  return Math.abs(now - since) >= minuteMs;
}

/** The part in the place of the key is never shown: it may be a key with a typing error. */
function shownPath(segments: readonly string[]): string {
  const shown = segments.map((segment, at) => {
    const isKey = (at === 0 && !knownWords.has(segment)) || hasTokenForm(segment) || masked(segment) !== segment;
    return isKey ? "…" : segment;
  });
  return `/${shown.join("/")}`;
}

/** Cuts a text that a client has sent to the length in which it is kept. */
export function shorten(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength - 1)}…` : text;
}
