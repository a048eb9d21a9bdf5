export { type Departure, Departures, eraseDepartures } from "./departures.ts";
export { isOverdue, type Standing, standingAt } from "./presence.ts";
export { type Counted, countSite, type Inside, type SitePresence } from "./site.ts";
