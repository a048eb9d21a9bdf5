export { expiryAttribute, tableShape } from "./dynamo/table.ts";
export { ingestHandler } from "./lambda/ingest.ts";
export type { Clients, Limits } from "./runtime/clients.ts";
export { connect, limits, sweepLimits } from "./runtime/clients.ts";
export type { Environment } from "./runtime/environment.ts";
export type { Wiring } from "./runtime/ingest.ts";
export { awsReceiver, awsRuntime } from "./runtime/ingest.ts";
