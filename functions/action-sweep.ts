import { sweepLimits } from "@gatepost/aws";
import { awsRuntime } from "@gatepost/aws/runtime";
import { type Relayed, relayOutbox } from "@gatepost/core/actions";

const deps = awsRuntime(process.env, { limits: sweepLimits });

/** It begins no batch after 20 s, because the function may run 50 s; the next run continues. */
export const handler = (): Promise<Relayed> => relayOutbox(deps, { withinMs: 20_000 });
