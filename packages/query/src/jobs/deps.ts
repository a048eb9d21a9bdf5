import type { ApiPorts } from "../ports/api-ports.ts";

/** What doing a job needs. */
export type JobDeps = Pick<
  ApiPorts,
  | "events"
  | "actionReader"
  | "seen"
  | "pictures"
  | "quarantine"
  | "eraser"
  | "replay"
  | "server"
  | "log"
  | "clock"
  | "jobs"
>;

/** Limits of one slice: events, records, and bytes of pictures that are handled before its progress is stored. */
export interface SliceLimits {
  events: number;
  records: number;
  bytes: number;
}
