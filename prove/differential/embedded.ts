import { relayOutbox } from "@gatepost/core/actions";
import { openRuntime } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import { asking, type Side } from "./side.ts";

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** The runtime for one machine, in this process, on real files. */
export async function embeddedSide(data: string, clock: () => number): Promise<Side> {
  const runtime = await openRuntime({ data, clock, log: quiet, zone: "UTC" });
  const { api: app, ingest, boxes } = runtime;
  await boxes.look();
  return {
    ...(await asking({ app, receive: receiver(ingest), keyAdmin: runtime.reads.keyAdmin })),
    async tend() {
      await relayOutbox(ingest);
      await boxes.look();
    },
    close: () => runtime.close(),
  };
}
