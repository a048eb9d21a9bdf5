export { KnownMappings } from "./known.ts";
export { Mappings } from "./mappings.ts";
export type { Revised } from "./record.ts";
export {
  type NotedReplay,
  type ReplayedPart,
  type ReplayedRecord,
  ReplayedRecords,
  replaysIn,
} from "./replayed.ts";
