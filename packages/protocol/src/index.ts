export type { ActionState, WantAction } from "./action.ts";
export {
  actionId,
  actionNames,
  actionStates,
  decisions,
  declinableStates,
  isUnknownAction,
  isWantAction,
  parseActionId,
  requestedAction,
  wantActions,
  withholdingReason,
} from "./action.ts";
export type { ActionChange } from "./action-change-schema.ts";
export { actionChangeSchema } from "./action-change-schema.ts";
export type { ActionSettlement, SettleAnswer } from "./action-states.ts";
export {
  actionChange,
  actionTransitions,
  answerSettlement,
  isChangeKept,
  isLeasable,
  leasedState,
  mayBecome,
  settlementOf,
} from "./action-states.ts";
export type {
  ActionOrder,
  Approval,
  ApprovalRequest,
  BoxOutcome,
  OrderAnswer,
  OrderReport,
  RegisteredType,
  VisitEnd,
} from "./approval.ts";
export { approvalSchema, boxOutcomeSchema, registeredTypes } from "./approval.ts";
export { decodeDense, decodeDenseBytes } from "./base64.ts";
export { isBlank } from "./blanks.ts";
export type { SetDirection, ShownBox } from "./box.ts";
export { boxDeviceSchema, boxKindSchema, boxSchema, setDirections } from "./box.ts";
export type { BoxStatus, BoxStatusKind } from "./box-status.ts";
export { boxStatusKinds, isSign, tellsOf } from "./box-status.ts";
export type {
  AddressOf,
  Announcing,
  BoxEntry,
  BusEntry,
  DetailType,
  EventEntry,
  PictureAddress,
  TargetEntry,
} from "./bus.ts";
export {
  actionDeclined,
  actionRequested,
  alarmNotAcknowledged,
  announcedPhoto,
  boxHeard,
  busEntryBytes,
  evacuationOf,
  eventAcknowledged,
  eventIdOf,
  eventRecorded,
  photoWith,
  targetHeard,
  unknownActionRequested,
  visitorArrived,
} from "./bus.ts";
export { busSchemas } from "./bus-schemas.ts";
export { checkBox, checkLifetimeMs, isCheckBox } from "./check.ts";
export { comparable, isVisible } from "./comparable.ts";
export type { Decline, DeclineReason } from "./decline.ts";
export { declineReasons, declineSchema } from "./decline.ts";
export type { DeviceType } from "./device.ts";
export { deviceName, deviceType, deviceTypes, shortName, shortText } from "./device.ts";
export { historyFlat, storedV5 } from "./dialects/flat.ts";
export { historyNested, platformB, se3Realtime, wsV5 } from "./dialects/nested.ts";
export { platformA } from "./dialects/platform-a.ts";
export { rootFacts } from "./dialects/root-facts.ts";
export { historyV6, storedV6, wsV6 } from "./dialects/v6.ts";
export { idOf } from "./digest.ts";
export { dayMs, hourMs, minuteMs, secondMs } from "./durations.ts";
export { isEnvelope, sharedEnvelope } from "./envelope.ts";
export type { EventAction, FaceEvent } from "./event.ts";
export { acknowledgementSchema, actionSchema, actorSchema, eventSchema } from "./event.ts";
export { holdsEvent, isEvent } from "./event-sign.ts";
export type { ReportKind } from "./facts.ts";
export { reportKinds } from "./facts.ts";
export { fill } from "./fill.ts";
export { type Fingerprints, isRepeat } from "./identity.ts";
export { instant, instantOrNull, isUsableTime, monthOf, timeForms, timeIn } from "./instant.ts";
export type { Arrival, Interpretation, Passing } from "./interpret.ts";
export { interpret, isForMappings, isOfUnknownShape, unknownShape } from "./interpret.ts";
export type { Json, JsonObject } from "./json.ts";
export { countMembers, countValues, excess, isObject, jsonIn, omitAbsent, omitEmpty } from "./json.ts";
export type { Lateness } from "./lateness.ts";
export { ageOf, isLate, latenessOf } from "./lateness.ts";
export { limits } from "./limits.ts";
export { LocalTimes, ZoneNeeded } from "./local-time.ts";
export { elementsOf, type Mapped, mappedBy, mappingsInOrder } from "./mappings/find.ts";
export {
  changedMappingSchema,
  type Mapping,
  type MappingDraft,
  mappingIn,
  mappingLimits,
  mappingSchema,
} from "./mappings/mapping.ts";
export { type MappedReader, mappedReaderOf } from "./mappings/reader.ts";
export { mayHoldEvent, payloadForm } from "./mentions.ts";
export type { StoredEvent } from "./merge.ts";
export { type LocatedPicture, locatePicture, merge, pictureHref, picturesOfReport } from "./merge.ts";
export { once } from "./once.ts";
export { applyOrder } from "./order-rules.ts";
export type { OrderedAction, OrderedChange } from "./ordered-action.ts";
export { setPath } from "./paths.ts";
export type { PersonType } from "./person.ts";
export { knownPerson, personKey, personType, personTypes } from "./person.ts";
export type { BytesOf, Picture, PictureFacts, PictureKind } from "./picture.ts";
export { decodePicture, expiredFlag, flaggedPicture, pictureKinds, pictureNames } from "./picture.ts";
export { plural } from "./plural.ts";
export type { DialectName } from "./recognise.ts";
export {
  dialectName,
  dialectNames,
  type GivenReader,
  type MappingId,
  mappingId,
  personNames,
  senderOf,
  timeNames,
} from "./recognise.ts";
export type { Report } from "./report.ts";
export { reportSchema, storedReport } from "./report.ts";
export { retryAfterMs } from "./retry-after.ts";
export { searchable } from "./searchable.ts";
export { isSecretName, secretNames } from "./secrets.ts";
export { seemsPassing } from "./seems.ts";
export {
  elementText,
  isPath,
  pathOf,
  putBack,
  type Steps,
  sentOn,
  stepsOfPath,
  treeOf,
  valueOn,
  withoutValues,
} from "./steps.ts";
export { BrokenRow, parseStored, storedJson, toStoredJson } from "./stored.ts";
export type { EnrolledPerson, Make, TerminalAnswer } from "./terminal.ts";
export { signKinds, terminalPictures, withoutTemplates } from "./terminal.ts";
