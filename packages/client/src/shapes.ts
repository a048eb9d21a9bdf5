import type { Operations } from "./schema.ts";

/** Names for parts of answers. */
export type Me = Operations["GET /v1/me"]["answer"];
/** A filter of events. */
export type EventFilter = Operations["GET /v1/events/count"]["query"];
export type Counts = Operations["GET /v1/counts"]["answer"];
export type Stats = Operations["GET /v1/stats"]["answer"];
export type FlagCount = Operations["GET /v1/flags"]["answer"]["flags"][number];
export type RequestedAction = Operations["GET /v1/actions/{id}"]["answer"];
export type Delivery = NonNullable<RequestedAction["deliveries"]>[number];
export type BoxHealth = Operations["GET /v1/boxes/{id}"]["answer"];
export type Arrivals = Operations["GET /v1/boxes/{id}/arrivals"]["answer"];
export type QuarantineRecord = Operations["GET /v1/quarantine"]["answer"]["records"][number];
export type QuarantineGroup = Operations["GET /v1/quarantine/groups"]["answer"]["groups"][number];
/** The data of an id by box, before it is erased. */
export type FoundPeople = Extract<Operations["GET /v1/people"]["answer"], { isExact: boolean }>;
export type FoundPerson = FoundPeople["people"][number];
export type Rule = Operations["GET /v1/rules"]["answer"]["rules"][number];
export type Job = Operations["GET /v1/jobs/{id}"]["answer"];
/** The result of a job of one kind, known by a member that only this kind has. */
export type JobResult<Member extends string> = Extract<NonNullable<Job["result"]>, { [M in Member]: unknown }>;
