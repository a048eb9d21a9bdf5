export { sessionTokenIn } from "./access/cookies.ts";
export { requireOwnOrigin } from "./access/own-origin.ts";
export { api, apiDocument } from "./api.ts";
export { type CsvColumn, csvColumns } from "./jobs/csv.ts";
export { type Asked, exportFormats, type Job, type JobStore } from "./jobs/job.ts";
export { batchJob, failJob, runSlice } from "./jobs/run.ts";
export type { ApiPorts, JobDeps, JobPorts, SliceLimits, StorePorts } from "./ports.ts";
export { problem } from "./problem.ts";
export { maxImportBytes } from "./routes/imports.ts";
