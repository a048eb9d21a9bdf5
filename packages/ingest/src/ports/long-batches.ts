import type { QuarantineRecord } from "./quarantine.ts";

/** Finishes batches that take too long to be recorded before their answer. */
export interface LongBatches {
  /** Values after which the rest of a batch waits. Infinity if only the time of a request is limited. */
  maxValues: number;
  /** Starts a job that replays a waiting record. Resolves once the job is durable. */
  replayLater(record: Pick<QuarantineRecord, "id" | "box">): Promise<void>;
}
