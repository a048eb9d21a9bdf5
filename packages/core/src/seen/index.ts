export { type MarkedEvents, markedIn, type SeenMark, SeenMarks, seenMark } from "./seen-marks.ts";
