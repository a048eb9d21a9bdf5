export {
  anyPersonText,
  boxText,
  deviceText,
  type EventFilter,
  eventFilter,
  matches,
  moment,
  personText,
  ruleText,
  searchTexts,
  soughtText,
  text,
} from "./filter.ts";
export { bucketOf, matchBuckets } from "./match-buckets.ts";
export {
  type EventOfBox,
  missedNews,
  type News,
  type NewsEntry,
  type NewsWriter,
  newNewsId,
  newsEntry,
  newsKeptMs,
  newsOfEvents,
  type Telling,
} from "./news.ts";
export type { EventIndex, EventOutbox, Upsert, Written } from "./ports.ts";
export {
  brokenEvent,
  type Change,
  type ChangeFeed,
  type ChangePage,
  type EventReader,
  eventToErase,
} from "./reader.ts";
export { RecentNews } from "./recent-news.ts";
export { FeedWait, FeedWaits, type Wake } from "./waits.ts";
