export type {
  ChangesSince,
  PassingSettings,
  PeopleOfDay,
  PresenceReader,
  PresentPerson,
} from "./day.ts";
export { PresenceDays, readerOf } from "./days.ts";
export { type Departure, Departures, departuresOfKey } from "./departures.ts";
export { isOverdue, type Standing, standingAt } from "./presence.ts";
export { type Counted, countSite, type Inside, type SitePresence } from "./site.ts";
