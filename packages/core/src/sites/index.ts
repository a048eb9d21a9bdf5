export { type Libraries, personKeyIn, readLibraries, storedBoxes } from "./libraries.ts";
export type { Site, SiteChange } from "./site.ts";
export { Sites } from "./sites.ts";
