export { type Api, type Asking, type Client, type ClientOptions, client, type Operation } from "./client.ts";
export { type CursorStore, cursorsInMemory } from "./cursors.ts";
export { type FollowChanges, followChanges } from "./follow-changes.ts";
export { type FollowLive, followLive, type LiveEvent } from "./follow-live.ts";
export {
  type LiveCounts,
  LiveFeed,
  type LiveListener,
  type LiveState,
  type LiveWish,
  type LiveWorld,
} from "./live.ts";
export { pauseBefore } from "./pause.ts";
export { Refusal } from "./refusal.ts";
export type { Event, Operations } from "./schema.ts";
export type * from "./shapes.ts";
