import { type BrokenRow, type MappingId, omitAbsent, type ReportKind, type TerminalAnswer } from "@gatepost/protocol";
import { type ErrorKind, GatepostError } from "../errors/errors.ts";
import type { Written } from "../events/ports.ts";
import { masked } from "../masking/mask.ts";
import { shorten } from "./refusals.ts";

export interface Quarantined {
  id: string;
  reason: string;
}

/**
 * The outcome of one report: an event, a quarantine record, or both. Neither if it was a box status, is kept with its
 * whole batch, or is about a passing that was erased.
 */
export interface Outcome {
  event: { id: string; kind: ReportKind; outcome: Written["outcome"] } | null;
  quarantined: Quarantined | null;
  /** The report is about a passing that was erased: nothing of it is stored. */
  isSuppressed?: true;
  /** The report is about the box itself. */
  isNotice?: true;
  /** The quarantine record is the whole body. If it was read, each of its reports has its own outcome. */
  isWholeBody?: true;
  /** The mapping that has read the report as a passing or a sign. */
  mapping?: MappingId;
  /** The answer that the terminal needs instead of the usual one. */
  answer?: TerminalAnswer;
  /** The event is stored in a way that cannot be read. */
  broken?: { eventId: string; cause: BrokenRow };
}

/** The outcome of something that a box sent, as a person may see it. */
export interface Arrival {
  /** ISO instant. */
  at: string;
  /** The path after the key. */
  path: string;
  bytes: number;
  /** The address of the sender. */
  from: string;
  /** `notice`: the report is about the box itself. */
  outcome: "event" | "notice" | "quarantined" | "refused";
  event?: string;
  kind?: ReportKind;
  quarantine?: string;
  reason?: string;
  status?: number;
}

/** The known facts of a request when it arrives from a box. */
export interface Arrived {
  path: readonly string[];
  bytes: number;
  address: string;
}

/** How many arrivals of one box are kept, and of how many boxes. */
const maxKept = 20;
const maxBoxes = 10_000;

/** Failures that the sender caused. Others are failures of Gatepost itself. */
const refusals: readonly ErrorKind[] = ["too-large", "too-many", "forbidden", "bad-request"];

/**
 * Keeps the latest arrivals of each box in memory, for a person who sets up a box and wants to see whether its reports
 * arrive.
 */
export class ArrivalTrace {
  readonly #clock: () => number;
  readonly #boxes = new Map<string, Arrival[]>();
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The last 20 of a box, the newest first. */
  of(box: string): readonly Arrival[] {
    return this.#boxes.get(box)?.toReversed() ?? [];
  }

  /** ms since any box has delivered a body. */
  get quietMs(): number {
    return performance.now() - this.#lastAt;
  }

  /** Notes the outcomes of the reports of one body. */
  note(box: string, arrived: Arrived, outcomes: readonly Outcome[]): void {
    this.#lastAt = performance.now();
    for (const { event, quarantined } of outcomes.slice(-maxKept)) {
      this.#keep(box, arrived, {
        outcome: event !== null ? "event" : quarantined !== null ? "quarantined" : "notice",
        ...omitAbsent({
          event: event?.id,
          kind: event?.kind,
          quarantine: quarantined?.id,
          reason: quarantined?.reason,
        }),
      });
    }
  }

  /** Notes a failure, if it is a refusal. Returns its status; null if it is none. */
  noteError(box: string, arrived: Arrived, error: unknown): number | null {
    if (!(error instanceof GatepostError) || !refusals.includes(error.kind)) return null;
    this.#keep(box, arrived, { outcome: "refused", status: error.status });
    return error.status;
  }

  #keep(box: string, { path, bytes, address }: Arrived, what: Omit<Arrival, "at" | "path" | "bytes" | "from">): void {
    const kept = this.#boxes.get(box) ?? [];
    const at = new Date(this.#clock()).toISOString();
    kept.push({ at, path: shorten(masked(`/${path.join("/")}`)), bytes, from: shorten(address), ...what });
    if (kept.length > maxKept) kept.shift();
    this.#boxes.delete(box);
    this.#boxes.set(box, kept);
    for (const oldest of this.#boxes.keys()) {
      if (this.#boxes.size <= maxBoxes) break;
      this.#boxes.delete(oldest);
    }
  }
}
