export { expiryAttribute, tableShape } from "./dynamo/table.ts";
export { ingestHandler } from "./lambda/ingest.ts";
export { type Clients, connect, jobLimits, type Limits, limits, sweepLimits } from "./runtime/clients.ts";
export type { Environment } from "./runtime/environment.ts";
export { awsReceiver, eventHandler, type Wiring, warmReceiver } from "./runtime/ingest.ts";
