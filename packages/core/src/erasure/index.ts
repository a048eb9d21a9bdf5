export { type Erased, Erasures, erasedName, isCoveredByTime, suppressionMs } from "./erasures.ts";
export { erasePersonRecords, type PersonRecord, personRecords, personRecordsOf } from "./person-records.ts";
export {
  type ErasureLog,
  type ErasureProgress,
  type ErasuresHeld,
  type EventEraser,
  maxShared,
  noneErased,
  type PersonErasure,
  type Suppression,
} from "./ports.ts";
