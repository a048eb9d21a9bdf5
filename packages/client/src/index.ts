export { type Api, type Client, type ClientOptions, client } from "./client.ts";
export {
  type LiveCounts,
  LiveFeed,
  type LiveListener,
  type LiveState,
  type LiveWish,
  type LiveWorld,
  pauseBefore,
} from "./live.ts";
export { Refusal } from "./refusal.ts";
export type { Event, Operations } from "./schema.ts";
export type * from "./shapes.ts";
