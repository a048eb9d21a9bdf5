import type { StandIns } from "../../standins/aws.ts";
import { followStream } from "../../standins/stream.ts";
import { startWebSocketApi } from "../../standins/websocket-api.ts";
import { liveHandlers } from "./live-handlers.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

/** A machine with its API and its live feed, by the clock of the day. */
export async function liveRuntime(standIns: StandIns) {
  const deps = await runtimeOn(standIns, { clock: Date.now });
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
    address: (token: string) => `${api.address}?token=${token}`,
    async stop() {
      await stream.stop();
      await api.close();
      await running.stop();
      await deps.close();
    },
  };
}
