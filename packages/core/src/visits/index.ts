export { beginOf, firstPassingOf, hasComeEarly, keyOfVisit, type Visit, Visits, visitsOfKey } from "./visits.ts";
export { VisitWatch } from "./watch.ts";
