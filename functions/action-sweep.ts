import { sweepLimits } from "@gatepost/aws";
import { awsRuntime } from "@gatepost/aws/runtime";
import { type Relayed, relayOutbox } from "@gatepost/core/actions";

const deps = awsRuntime(process.env, { limits: sweepLimits });

/** Both begin no batch after 15 s, because the function may run 50 s; the next run continues. */
export async function handler(): Promise<Relayed> {
  const relayed = await relayOutbox(deps, { withinMs: 15_000 });
  await deps.relayToNewSubscribers(15_000);
  return relayed;
}
