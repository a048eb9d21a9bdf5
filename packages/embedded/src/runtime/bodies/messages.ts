import type { Kept, Origin, ReadAs, Reading, Understood } from "@gatepost/receive";

/** A body that the thread must open. */
export interface Opening {
  bytes: Uint8Array;
  origin: Origin;
  as: ReadAs;
  keepFeatures: boolean;
  /** Most bytes of room that all bodies of its box may take. */
  maxShare: number;
}

/** A question about a body. `kept` and `source` are about a report of the last answer to `next`, by its place in it. */
export type Question =
  | { open: Opening }
  | { next: true }
  | { utf8: true }
  | { list: { from: number; to: number } }
  | { whole: string }
  | { kept: number }
  | { source: number };

type Report = Pick<Understood, "origin" | "values" | "understood" | "reason" | "answer" | "mapping">;

export type BodyReply =
  | { opened: Pick<Reading, "unreadable" | "keep" | "bytes" | "reports"> }
  | { reports: Report[] }
  | Kept
  | { bytes: Uint8Array };

/** What the thread is sent: a question about the body of this number, or that the body is closed. */
export type ToThread = { body: number } & (Question | { close: true });

/** What the thread sends: an answer, and the CPU that it took; or room that the body takes, negative if it gives it back. */
export type FromThread = { body: number } & (
  | { answer: BodyReply; cpuMs: number }
  | { error: unknown; cpuMs: number }
  | { room: number }
);
