export { KnownMappings } from "./known.ts";
export { Mappings } from "./mappings.ts";
export type { Revised } from "./record.ts";
export { type ReplayedPart, type ReplayedRecord, ReplayedRecords, undoableMs } from "./replayed.ts";
