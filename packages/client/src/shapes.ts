import type { Operations } from "./schema.ts";

/** Parts of answers by names of their own. */
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
