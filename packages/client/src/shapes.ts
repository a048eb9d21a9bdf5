import type { Job, Operations } from "./schema.ts";

/** A filter of events. */
export type EventFilter = Operations["GET /v1/events/count"]["query"];
/** The result of a job of one kind, known by a member that only this kind has. */
export type JobResult<Member extends string> = Extract<NonNullable<Job["result"]>, { [M in Member]: unknown }>;
