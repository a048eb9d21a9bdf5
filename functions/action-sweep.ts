import { awsRuntime } from "@gatepost/aws";
import { type Relayed, relayOutbox } from "@gatepost/ingest";

const deps = awsRuntime();

export const handler = (): Promise<Relayed> => relayOutbox(deps);
