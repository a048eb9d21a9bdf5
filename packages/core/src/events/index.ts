export {
  anyPersonText,
  boxText,
  deviceText,
  type EventFilter,
  eventFilter,
  matches,
  moment,
  momentForm,
  personText,
  ruleText,
  searchTexts,
  soughtText,
  text,
} from "./filter.ts";
export type { EventIndex, EventOutbox, Upsert, Written } from "./ports.ts";
export { brokenEvent, type Change, type ChangeFeed, type EventReader, eventToErase } from "./reader.ts";
