export { type Erased, Erasures, erasedName, isCoveredByTime, suppressionMs } from "./erasures.ts";
export {
  type ErasureLog,
  type ErasureProgress,
  type ErasuresHeld,
  type EventEraser,
  type ImportedErasure,
  maxShared,
  noneErased,
  type PersonErasure,
  type PersonRecord,
  type PersonRecords,
  personRecords,
  type Suppression,
} from "./ports.ts";
