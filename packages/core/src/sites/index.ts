export type { Site, SiteChange } from "./site.ts";
export { Sites } from "./sites.ts";
