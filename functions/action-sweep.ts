import { awsRuntime } from "@gatepost/aws";
import { type Relayed, relayOutbox } from "@gatepost/ingest";

const deps = awsRuntime();

/** The function may run 50 s, and the next one goes on. */
export const handler = (): Promise<Relayed> => relayOutbox(deps, 30_000);
