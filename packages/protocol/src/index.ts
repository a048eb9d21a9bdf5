export {
  type ActionState,
  actionId,
  actionNames,
  actionStates,
  decisions,
  isWantAction,
  parseActionId,
  requestedAction,
  type WantAction,
  withholdingReason,
} from "./action.ts";
export { type ActionChange, actionChangeSchema } from "./action-change-schema.ts";
export { actionChange, isChangeKept } from "./action-history.ts";
export {
  type ActionSettlement,
  actionTransitions,
  answerSettlement,
  isLeasable,
  leasedState,
  mayBecome,
  type SettleAnswer,
  settlementOf,
} from "./action-states.ts";
export {
  type ActionOrder,
  type Approval,
  type ApprovalRequest,
  approvalSchema,
  type BoxOutcome,
  type OrderAnswer,
  type OrderReport,
  type RegisteredType,
  registeredTypes,
} from "./approval.ts";
export { decodeDense, decodeDenseBytes } from "./base64.ts";
export { isBlank } from "./blanks.ts";
export { boxSchema, type ShownBox } from "./box.ts";
export { type BoxStatus, type BoxStatusKind, boxStatusKinds, tellsOf } from "./box-status.ts";
export {
  type AddressOf,
  type Announcing,
  actionRequested,
  announcedPhoto,
  eventRecorded,
  type PictureAddress,
  photoWith,
} from "./bus.ts";
export { boxHeard } from "./bus-box.ts";
export {
  type BoxEntry,
  type BusEntry,
  busEntryBytes,
  type DetailType,
  type EventEntry,
  eventIdOf,
} from "./bus-entry.ts";
export { busSchemas } from "./bus-schemas.ts";
export { checkBox, checkLifetimeMs, isCheckBox } from "./check.ts";
export { comparable } from "./comparable.ts";
export { type DeviceType, deviceName, deviceType, deviceTypes, shortName, shortText } from "./device.ts";
export { idOf } from "./digest.ts";
export { dayMs, hourMs, minuteMs, secondMs } from "./durations.ts";
export { isEnvelope, sharedEnvelope } from "./envelope.ts";
export { actionSchema, type EventAction, eventSchema, type FaceEvent } from "./event.ts";
export { holdsEvent, isEvent } from "./event-sign.ts";
export { type ReportKind, reportKinds } from "./facts.ts";
export { fill } from "./fill.ts";
export { instant, instantOrNull } from "./instant.ts";
export { type Arrival, type Interpretation, interpret, type Passing } from "./interpret.ts";
export { countMembers, countValues, excess, isObject, type Json, type JsonObject, jsonIn } from "./json.ts";
export { ageOf, isLate, type Lateness, latenessOf } from "./lateness.ts";
export { limits } from "./limits.ts";
export { mayHoldEvent, payloadForm } from "./mentions.ts";
export { locatePicture, merge, type StoredEvent } from "./merge.ts";
export { isUsableTime, monthOf } from "./moment.ts";
export { applyOrder, type OrderedAction, type OrderedChange } from "./order-rules.ts";
export { setPath } from "./paths.ts";
export { knownPerson, type PersonType, personKey, personType, personTypes } from "./person.ts";
export { type BytesOf, type Picture, type PictureFacts, type PictureKind, pictureKinds } from "./picture.ts";
export { plural } from "./plural.ts";
export { type DialectName, dialectNames, senderOf } from "./recognise.ts";
export { type Report, reportSchema, storedReport } from "./report.ts";
export { retryAfterMs } from "./retry-after.ts";
export { searchable } from "./searchable.ts";
export { BrokenRow, parseStored, storedJson, toStoredJson } from "./stored.ts";
export { timeForms, timeIn } from "./time-text.ts";
