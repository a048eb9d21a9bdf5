export { type SourceRecord, SourceRecords, sameBefore, type TakenMessage } from "./records.ts";
export { type Source, type SourceReader, type SourceState, sourcesSchema } from "./source.ts";
