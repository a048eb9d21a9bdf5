export { type AcknowledgementRecord, Acknowledgements, acknowledgementId } from "./acknowledgements.ts";
export {
  type Judgement,
  type MarkChange,
  type MarkedEvents,
  type Marker,
  markWritten,
  type Reason,
  reasons,
  type SeenMark,
  SeenMarks,
  seenMark,
  takenBack,
} from "./seen-marks.ts";
