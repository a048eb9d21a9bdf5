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

/** What limits one slice: no more events or records, and no more bytes of pictures, are handled before it is noted. */
export interface SliceLimits {
  events: number;
  records: number;
  bytes: number;
}
