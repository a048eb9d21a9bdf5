export { beginOf, firstPassingOf, type Visit, Visits, visitsOfKey } from "./visits.ts";
export { VisitWatch } from "./watch.ts";
