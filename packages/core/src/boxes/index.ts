export { activityOf, joined, joinedPauses, summed } from "./activity.ts";
export { BoxNotes, noteSigns } from "./box-notes.ts";
export { type BoxAtSite, BoxReader } from "./box-reader.ts";
export { BoxStore, type StoredBox, UnusableBox, usable, type Watchable } from "./box-store.ts";
export { Boxes } from "./boxes.ts";
export { type DeviceChange, deviceKey, mayBeOf } from "./device-settings.ts";
export { type Direction, type DirectionSettings, directionOf } from "./direction.ts";
export { EventLabels } from "./labels.ts";
export {
  afterLook,
  announced,
  announcing,
  type BoxSettings,
  dueIn,
  leased,
  noted,
  partPauses,
  setBack,
  withSettings,
} from "./noted.ts";
export type { ArrivalListing, ArrivalReader, BoxPorts, BoxSites, DeviceReader } from "./ports.ts";
export {
  type Announcement,
  activitySchema,
  type BoxActivity,
  type BoxRecord,
  boxRecordSchema,
  fitRecord,
  type Hours,
  lookAtOf,
  newRecord,
  type Pauses,
  type Reception,
  receptionSchema,
} from "./record.ts";
export { type BoxCounts, LocalHours, Rhythms } from "./rhythms.ts";
export {
  type BoxSign,
  noticedDevices,
  type ReportSign,
  serialOfNotice,
  serialOfReport,
  signOfNotice,
  signOfReport,
} from "./signs.ts";
export {
  beat,
  isCurrent,
  judge,
  missedWithin,
  rhythmHours,
  sameHours,
  silentAfter,
  usualPause,
  type Watched,
} from "./silence.ts";
export { boxesOfSite, defaultSite } from "./sites.ts";
export { alternatingSerials, hasDirection, showBox } from "./view.ts";
export { BoxZones, zoneKnownForMs } from "./zones.ts";
