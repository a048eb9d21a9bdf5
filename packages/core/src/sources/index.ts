export { type SourceRecord, SourceRecords, type TakenMessage } from "./records.ts";
export { type Source, type SourceReader, type SourceState, sourcesSchema } from "./source.ts";
