export { type AcknowledgementRecord, Acknowledgements, newActId } from "./acknowledgements.ts";
export { type EventNote, EventNotes, eventNotes, maxNotes, type NoteChange } from "./event-notes.ts";
export {
  type Judgement,
  type MarkChange,
  type MarkedEvents,
  type Marker,
  marksAmong,
  markWritten,
  type Reason,
  reasons,
  type SeenMark,
  SeenMarks,
  seenMark,
  takenBack,
} from "./seen-marks.ts";
export { type StandingGroup, standingGroups, standingTypes } from "./standing.ts";
