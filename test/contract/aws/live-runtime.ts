import type { StandIns } from "../../standins/aws.ts";
import { followStream } from "../../standins/stream.ts";
import { startWebSocketApi } from "../../standins/websocket-api.ts";
import { liveHandlers } from "./live-handlers.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

/**
 * How much faster than others its clock runs, so that waits by it are shorter. If it were much faster, a subscriber
 * would take too long to catch up on a busy machine.
 */
const times = 2;

/** A machine with its API and its live feed, by a clock that begins with the time of day. */
export async function liveRuntime(standIns: StandIns) {
  const began = Date.now();
  const timeIn = (ms: number) => began + (Date.now() + ms - began) * times;
  const deps = await runtimeOn(standIns, { streams: true, clock: () => timeIn(0) });
  const [running, api] = [await served(deps), await startWebSocketApi()];
  const handlers = liveHandlers(deps, api.url);
  api.routes = handlers;
  const stream = await followStream({ url: standIns.dynamo.url, table: deps.names.table }, handlers.push);
  return {
    ...running,
    deps,
    api,
    stream,
    handlers,
    repeats: true,
    timeIn,
    address: (token: string) => `${api.address}?token=${token}`,
    async stop() {
      await stream.stop();
      await api.close();
      await running.stop();
      await deps.close();
    },
  };
}
