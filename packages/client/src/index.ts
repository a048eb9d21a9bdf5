export type { Api, Asking, Client, ClientOptions, Operation } from "./client.ts";
export { client } from "./client.ts";
export type { FeedListener, FeedState, FeedWorld, ReadPage } from "./feed-reader.ts";
export { FeedReader } from "./feed-reader.ts";
export type { CursorStore, FollowChanges } from "./follow-changes.ts";
export { cursorsInMemory, followChanges } from "./follow-changes.ts";

export { pauseAsked, pauseBefore } from "./pause.ts";
export { Refusal } from "./refusal.ts";
export type * from "./schema.ts";
export type * from "./shapes.ts";
