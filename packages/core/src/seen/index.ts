export { type MarkedEvents, markedIn, SeenMarks, seenMark } from "./seen-marks.ts";
