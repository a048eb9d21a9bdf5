import type { EventFilter } from "@gatepost/client";
import type { Query } from "../state/address.ts";
import { serverTime } from "../state/clock.ts";
import { me } from "../state/session.ts";
import { filterOf } from "./filter.ts";

/** Filters that this server answers only for a stretch of time. */
export const rangeFor = (): readonly string[] => me.value?.server.rangeFor ?? [];

/** What this server is asked for by an address, now. */
export const askedFilter = (query: Query): EventFilter => filterOf(query, serverTime(), rangeFor());
