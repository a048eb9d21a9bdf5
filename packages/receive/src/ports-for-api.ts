import type { LimitedKey, QuarantineRecord, TaughtBody } from "@gatepost/core/quarantine";
import type { Mapping } from "@gatepost/protocol";
import { replaySliceOf } from "./deliver/long-batch.ts";
import { replay, shapeOfKept } from "./deliver/replay.ts";
import type { Ports } from "./ports.ts";
import { sampleOf } from "./samples/sample.ts";
import { decodeForTeaching, tryMapping } from "./samples/teaching.ts";

/**
 * The ports of receiving that the API may use: it stores nothing itself, only replays kept bodies, and announces what
 * people decide.
 */
export function portsForApi(ports: Ports) {
  const { keys, authRateLimiter, refusals, bus, settings, log, clock } = ports;
  return {
    keys,
    authRateLimiter,
    refusals,
    bus,
    log,
    clock,
    announcesEvents: settings.announceEvents,
    replay: (record: QuarantineRecord) => replay(record, ports),
    shapeOf: (record: QuarantineRecord) => shapeOfKept(record, ports),
    async sample(record: TaughtBody, others: AsyncIterable<QuarantineRecord>) {
      using held = ports.room.hold(record.box);
      return await sampleOf(record, others, { held, forms: ports.terminals?.forms });
    },
    decoded: (record: TaughtBody) => decodeForTeaching(record, ports),
    tryMapping: (record: TaughtBody, mapping: Mapping) => tryMapping(record, mapping, ports),
    replayBatch: (record: QuarantineRecord, { progress, key }: { progress: unknown; key?: LimitedKey | undefined }) =>
      replaySliceOf(key, record, progress, ports),
  };
}
