import type { Upsert, Written } from "../events/ports.ts";
import type { Log } from "../log/log.ts";
import type { QuarantineRecord } from "../quarantine/ports.ts";
import type { BoxStatusRecord } from "../statuses/box-statuses.ts";

/** The stores whose writes are watched. */
export type ReportStore = "pictures" | "index" | "quarantine";

/**
 * Gets the writes of reports, also of replayed ones. Its methods are called after the store has answered, and before
 * the box gets its answer. They return at once. If one throws, the report is refused as if the store had failed.
 */
export interface RecordListener {
  /** The index answered. After a conflict there is a second call, for the event under its other id. */
  event?(entry: Upsert, written: Written): void;
  boxStatus?(record: BoxStatusRecord): void;
  quarantined?(record: QuarantineRecord): void;
  /** A store took a write, which lasted this long. Called before the methods above. */
  stored?(store: ReportStore, seconds: number): void;
  /** A write failed. */
  failed?(store: ReportStore, seconds: number, cause: unknown): void;
}

/** More boxes than one process receives from. With more, the first report of a box may be logged again. */
const maxBoxes = 10_000;

/** Logs the first report of each box since the start of the process. */
export function logFirstReports(log: Log): RecordListener {
  const heard = new Set<string>();
  const hear = (box: string, kind: string) => {
    if (heard.has(box)) return;
    if (heard.size >= maxBoxes) heard.clear();
    heard.add(box);
    log.info("first report", { box, kind });
  };
  return {
    event: ({ box, report }) => hear(box, report.kind),
    boxStatus: ({ box, kind }) => hear(box, kind),
  };
}
