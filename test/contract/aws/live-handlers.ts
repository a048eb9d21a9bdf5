import { awsLive, awsLiveConnect, awsLiveDisconnect } from "../../../packages/aws/src/runtime/live.ts";
import { environmentOf, patient } from "../../standins/aws.ts";
import type { TestRuntime } from "./runtime.ts";

export type LiveHandlers = ReturnType<typeof liveHandlers>;

/** The handlers of the live feed, as in a process without memory, for clients at that URL. */
export function liveHandlers(
  { ingest, clients, names }: Pick<TestRuntime, "ingest" | "clients" | "names">,
  url: string,
) {
  const secret = Buffer.alloc(32, 7).toString("base64");
  const env = { ...environmentOf(names), GATEPOST_LIVE_ENDPOINT: url, GATEPOST_CURSOR_SECRET: secret };
  const wiring = { clients, limits: patient };
  return {
    connect: awsLiveConnect(ingest, env, wiring),
    disconnect: awsLiveDisconnect(ingest, env, wiring),
    ...awsLive(ingest, env, wiring),
  };
}
