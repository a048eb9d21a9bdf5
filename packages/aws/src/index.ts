export { type Clients, connect, type Limits, limits } from "./runtime/clients.ts";
export { type Environment, type Names, namesIn } from "./runtime/names.ts";
export { onAws, type Wiring } from "./runtime/ingest.ts";
export { expiryAttribute, tableShape } from "./dynamo/table.ts";
