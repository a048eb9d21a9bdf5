export type { Alternative } from "./alternatives.ts";
export type { Condition } from "./condition.ts";
export { PatternError } from "./error.ts";
export { explain, type Finding } from "./explain.ts";
export { type Apart, hoursApart } from "./hours.ts";
export type { Json, JsonObject } from "./json.ts";
export { type Compiled, compile, matches } from "./pattern.ts";
