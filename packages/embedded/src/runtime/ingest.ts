import { randomBytes } from "node:crypto";
import { batchJob, batchJobs, type JobPorts } from "@gatepost/api";
import type { UntoldPorts } from "@gatepost/core/actions";
import { ArrivalTrace, ConnectionTrace, logFirstReports, Receipts } from "@gatepost/core/arrivals";
import { BoxZones, Rhythms } from "@gatepost/core/boxes";
import { AuthRateLimiter, KeyedBoxes } from "@gatepost/core/keys";
import { batchTooLong, type LongBatches, type QuarantineReader } from "@gatepost/core/quarantine";
import { Room } from "@gatepost/core/room";
import { KeyMeters, type Ports } from "@gatepost/receive";
import { terminals } from "@gatepost/receive/terminals";
import { BoxWatch } from "../boxes/watch.ts";
import { labelledBus } from "../bus/labelled.ts";
import { durableProbe } from "../db/database.ts";
import { DiskHealth } from "../db/store-health.ts";
import { BodyReader } from "./bodies/body-reader.ts";
import type { OpenedBus } from "./bus.ts";
import type { OpenedFolder } from "./opened-folder.ts";
import { type Chosen, usualBody } from "./options.ts";
import type { Stores } from "./stores.ts";

/** Most bytes of all bodies together. */
const usualInFlight = 512 * 1024 * 1024;

/** Bytes that a body may take in addition to its own while it is unpacked: the result, its pieces and a copy. */
const unpackingBytes = 192 * 1024 * 1024;

/** Values of one batch that are recorded before its answer. The rest waits for a job. */
const maxValuesAtOnce = 100_000;

/** The parts that receive reports, and their knowledge of boxes and the disk. */
export type OpenedIngest = ReturnType<typeof openIngest>;

export function openIngest(
  opened: OpenedFolder,
  stores: Stores,
  {
    bus,
    labels,
    photoLink,
    pushRules,
    jobs,
  }: Pick<OpenedBus, "bus" | "labels" | "photoLink" | "pushRules"> & {
    jobs: Pick<JobPorts, "store" | "queue">;
  },
  chosen: Chosen,
) {
  const { database, writer, packs, metrics, sequence } = opened;
  const { items, keys, keyUses, quarantine, index, boxStatus, halfHours, actions, eventOutbox, suppression } = stores;
  const { settings, clock } = stores;
  const { log, zone } = chosen;
  const health = new DiskHealth({
    path: opened.folder.path,
    write: durableProbe(database, writer),
    checkPictures: () => packs.checkFiles(),
    log,
    clock,
  });
  const arrivals = new ArrivalTrace(clock);
  const rhythms = new Rhythms(halfHours);
  const boxes = new BoxWatch(database, writer, {
    keyed: new KeyedBoxes({ items, clock, knownForMs: 0 }),
    items: stores.items,
    bus,
    arrivals,
    status: stores.statusReader,
    labels,
    rhythms,
    sequence,
    zone,
    clock,
    believed: stores.believed,
    log,
  });
  health.addConcerns(() => bus.concerns());
  health.addConcerns(() => stores.knownMappings.concerns());
  const room = roomFor(chosen, settings.openBox !== null);
  const largeBodies = new BodyReader(settings, room.maxShare);
  // An entry of the bus may have been labelled a moment before the first notice of its box.
  const readNotices = { boxStatus: ({ box }: { box: string }) => labels.forgetNotices(box) };
  const makeBatchJob: LongBatches["replayLater"] = async ({ id, box, ...key }) => {
    const job = batchJob(randomBytes(12).toString("hex"), { record: id, ...key }, clock());
    await jobs.store.createOnce(job);
    log.info("job created", { id: job.id, kind: "replay", box, record: id });
    await jobs.queue.push(job.id);
  };
  const replayLater: LongBatches["replayLater"] = async (record) => {
    if (!(await batchJobs({ jobs })).has(record.id)) await makeBatchJob(record);
  };
  const authRateLimiter = new AuthRateLimiter(clock);
  const zones = new BoxZones({ items: stores.items, usual: zone, knownForMs: 0, clock });
  const { enrolled } = stores;
  const { unknownTerminals } = stores.records;
  const ports: Ports & UntoldPorts & { refusals: ConnectionTrace } = {
    keys,
    authRateLimiter,
    keyMeters: new KeyMeters({ usage: keyUses, log, clock }),
    refusals: new ConnectionTrace(log, clock, metrics.refused),
    arrivals,
    receipts: new Receipts({ items, clock: stores.believed, elapsed: chosen.elapsed }),
    pictures: packs,
    index,
    boxStatus,
    quarantine,
    listeners: [health.noteFailures(), metrics.countReports(), boxes.noteSigns(), logFirstReports(log), readNotices],
    actions,
    eventOutbox,
    bus: labelledBus(bus, labels),
    photoLink,
    suppression,
    terminals: terminals({ keys, authRateLimiter, unknownTerminals, enrolled, zones }),
    zones,
    knownMappings: stores.knownMappings,
    longBatches: { maxValues: maxValuesAtOnce, replayLater },
    room,
    largeBodies,
    log,
    clock,
    settings,
    notifiesOf: (type) => pushRules.isOf(type),
  };
  return { ports, largeBodies, boxes, health, makeBatchJob };
}

/** Makes the jobs of long batches that have none: a process has ended before it made them. */
export async function resumeBatches(
  makeBatchJob: LongBatches["replayLater"],
  { quarantine, jobs }: { quarantine: Pick<QuarantineReader, "list">; jobs: Pick<JobPorts, "store"> },
): Promise<void> {
  const known = await batchJobs({ jobs });
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof quarantine.list>> = await quarantine.list(
      null,
      { limit: 500, cursor },
      { reason: batchTooLong },
    );
    for (const { id, box } of page.items) if (!known.has(id)) await makeBatchJob({ id, box });
    cursor = page.next;
  } while (cursor !== null);
}

/**
 * Each box may use half of the room, and room for its largest body; the other half is for other boxes. If boxes need no
 * key, all of them count as one box, which may use the whole room.
 */
function roomFor({ maxInFlight = usualInFlight, maxBody = usualBody }: Chosen, isOpen: boolean): Room {
  return new Room(maxInFlight, isOpen ? maxInFlight : Math.max(maxInFlight / 2, maxBody + unpackingBytes));
}
