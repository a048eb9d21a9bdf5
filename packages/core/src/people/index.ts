export { type Libraries, readLibraries } from "./library.ts";
export { countedTime, type Direction, directionOf, type Gate, inOrder, isClockWrong, type Passing } from "./passing.ts";
export { isFound, pinyinOf, rankOf, type SoughtPerson, searchText, soughtPerson } from "./pinyin.ts";
export { eraseProfiles, Profiles } from "./profiles.ts";
export { listOfPeople, type PeopleFacts, PeopleSettings } from "./settings.ts";
export {
  aheadMs,
  isInRange,
  type KnownPerson,
  type PassingRange,
  type PassingReader,
  type PersonFacts,
  passingsIn,
  type StoredPassing,
  storedPassingOf,
} from "./stored.ts";
