export { type AcknowledgementRecord, Acknowledgements, newActId } from "./acknowledgements.ts";
export { type EventNote, EventNotes, eventNotes, maxNotes } from "./event-notes.ts";
export {
  type Judgement,
  type MarkedEvents,
  type Marker,
  marksAmong,
  type Reason,
  reasons,
  type SeenMark,
  SeenMarks,
  seenMark,
} from "./seen-marks.ts";
export { type StandingGroup, standingGroups, standingTypes } from "./standing.ts";
