export { decodePicture, findPicture, fold, lookThrough, typeOf } from "./folded.ts";
export { newestFirst, quarantineGroups } from "./groups.ts";
export {
  batchNotReplayed,
  batchTooLong,
  type DecodedBody,
  type LimitedKey,
  type LongBatches,
  type Quarantine,
  type QuarantineGroup,
  type QuarantineLinks,
  type QuarantineReader,
  type QuarantineRecord,
  type QuarantineSample,
  type RecordShape,
  type SetAside,
  type TaughtBody,
  type TriedReport,
  undoableMs,
  type WhereAside,
  type WhichRecords,
} from "./ports.ts";
export { QuarantineQuota, type QuarantineSize, type RecordInBox, RecordsOfBox, shapeKeyOf } from "./quota.ts";
