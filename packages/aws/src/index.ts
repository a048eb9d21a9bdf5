export { type Clients, connect, type Limits, limits } from "./clients.ts";
export { type Environment, type Names, namesIn } from "./names.ts";
export { onAws, type Wiring } from "./on-aws.ts";
export { expiryAttribute, tableShape } from "./table.ts";
