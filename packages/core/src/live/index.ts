export { MissedChanges, type MissedPorts } from "./catch-up.ts";
export { type LiveConfiguration, limitedTo, readConfiguration } from "./configuration.ts";
export { countsEveryMs, type LiveCounts, type LiveCountsReader, liveCounts, PassingRate } from "./counts.ts";
export { isEventId, LiveCursors, noResumePoint, resumePointOf } from "./cursors.ts";
export { changeBy, type LiveChange, LiveMessages, notificationFor } from "./messages.ts";
export { picturesIn, render } from "./rendering.ts";
export { type ResumePoint, resumePointAfter } from "./resume-point.ts";
export {
  caughtUpMessage,
  countsMessage,
  cursorMessage,
  erasedMessages,
  errorMessage,
  isPing,
  keyIsFull,
  markMessages,
  noteMessages,
  pongMessage,
  rollMessages,
} from "./service-messages.ts";
