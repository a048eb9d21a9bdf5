export { changed, checkChange, isExpired, maxItemBytes, sizeOfItem, ttlAt } from "./change.ts";
export { absent, all, any, asRead, between, compare, equals, meets, not, present } from "./condition.ts";
export {
  compareEntries,
  isIn,
  listOf,
  merged,
  type Page,
  type PageRequest,
  placeAt,
  readListPage,
  timeOfPlace,
  timeText,
} from "./lists.ts";
export { MemoryItems } from "./memory.ts";
export {
  type Change,
  type Condition,
  type Entry,
  type Item,
  type Items,
  ItemTooLarge,
  indexes,
  type List,
  type ListedItem,
  type Range,
  type Rows,
  type Value,
  type Written,
} from "./port.ts";
