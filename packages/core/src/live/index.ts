export { MissedChanges, type MissedPorts } from "./catch-up.ts";
export { type LiveConfiguration, limitedTo, readConfiguration } from "./configuration.ts";
export { countsEveryMs, type LiveCounts, type LiveCountsReader, liveCounts } from "./counts.ts";
export { isEventId, LiveCursors, noResumePoint, resumePointOf } from "./cursors.ts";
export { keyIsFull } from "./full-key.ts";
export { LiveMessages } from "./messages.ts";
export { changeBy, type LiveChange, notificationFor } from "./notification.ts";
export { PassingRate } from "./rate.ts";
export { picturesIn, render } from "./rendering.ts";
export { type ResumePoint, resumePointAfter } from "./resume-point.ts";
export {
  caughtUpMessage,
  countsMessage,
  cursorMessage,
  type EventOfBox,
  erasedMessage,
  errorMessage,
  idsToldTo,
  isPing,
  pongMessage,
  seenMessage,
} from "./service-messages.ts";
