export { beginOf, firstPassingOf, hasComeEarly, type Visit, Visits, visitsOfEvent, visitsOfKey } from "./visits.ts";
export { VisitWatch } from "./watch.ts";
