export { alikeKey } from "./alike.ts";
export {
  countedTime,
  isClockWrong,
  type Passing,
  type PortraitKind,
  passingsInOrder,
  portraitKinds,
} from "./passing.ts";
export { isFound, pinyinOf, rankOf, type SoughtPerson, searchText, soughtPerson } from "./pinyin.ts";
export { eraseProfiles, Profiles } from "./profiles.ts";
export { listOfPeople, type PeopleFacts, PeopleSettings } from "./settings.ts";
export {
  aheadMs,
  type ChangedPassing,
  type EarlierPassings,
  isInRange,
  type KnownPerson,
  lastPassingBefore,
  laterOf,
  latestNamed,
  latestOf,
  type PassingRange,
  type PassingReader,
  type PersonAt,
  type PersonFacts,
  passingAt,
  passingsIn,
  readBack,
  type StoredPassing,
  storedPassingOf,
  visibleName,
  type Way,
} from "./stored.ts";
