import type { NotedReplay } from "@gatepost/core/mappings";
import type { LeavingStore } from "@gatepost/embedded";
import { Failure } from "../failure.ts";
import { type Balance, balance } from "./balance.ts";
import { type EventsMoved, type Moving, moveEvents } from "./events.ts";
import { chunked, forEachInFlight, TaskLimiter } from "./gate.ts";
import { erasedAmong } from "./target.ts";

/** Things of one request. */
const batchSize = 50;
const statusBatchSize = 5;
const erasureBatchSize = 1000;

/** Records of quarantine that are sent side by side, and the bytes of all of them. */
const maxRecords = 100;
const maxRecordBytes = 64 * 1024 * 1024;

export interface Migrated extends EventsMoved {
  keys: number;
  /** Ids of keys that did not go: other keys have them there. */
  keyConflicts: string[];
  erasures: number;
  boxes: number;
  statuses: number;
  quarantine: number;
  /** Reports in quarantine that are too large for the other Gatepost. */
  quarantineLeft: number;
  /** Replays that can be undone there. */
  replays: number;
  /** Replays whose records are too large for the other Gatepost: an undo there leaves their events. */
  replaysLeft: number;
  /** Ids of mappings that are there and not here: undone or removed here since, or taught there. */
  mappingsThere: string[];
  /** Events that went and were erased here since. */
  erasedThere: number;
  /** Entries that rules here have still to be sent. */
  waiting: number;
  /** Null if that was not looked at yet. */
  balance: Balance | null;
}

/**
 * Sends everything that is new since the last time.
 *
 * @param isLast whether nothing is received here any more: then unannounced actions are sent, too, and all events are compared
 */
export async function migrate(moving: Moving, { isLast }: { isLast: boolean }): Promise<Migrated> {
  const { source, progress } = moving;
  // Erasures come first, so that nothing erased arrives there; keys come early, so that boxes find them.
  const erasures = await moveErasures(moving);
  progress.begin();
  const keys = await moveKeys(moving);
  const boxes = await moveBoxes(moving, { isLast: false });
  const statuses = await moveStatuses(moving);
  const events = await moveEvents(moving, { isLast });
  const replays = await moveReplays(moving);
  const quarantine = await moveQuarantine(moving);
  const erasedThere = await eraseThere(moving);
  if (isLast) await moveBoxes(moving, { isLast });
  const here = new Set<string>((await source.mappings()).map(({ id }) => id));
  const mappingsThere = (await moving.target.mappings()).filter((id) => !here.has(id));
  const balanced = isLast ? await balance(moving) : null;
  const migrated = {
    ...events,
    ...keys,
    erasures,
    boxes,
    statuses,
    ...replays,
    ...quarantine,
    mappingsThere,
    erasedThere,
    waiting: source.waiting,
    balance: balanced,
  };
  const { conflicts, keyConflicts, mappingsThere: __, balance: _, ...amounts } = migrated;
  await moving.target.end({ ...amounts, conflicts: conflicts.length, keyConflicts: keyConflicts.length });
  return migrated;
}

async function moveErasures({ source, target }: Moving): Promise<number> {
  const { secret, erased } = source.erasures();
  for (let from = 0; from === 0 || from < erased.length; from += erasureBatchSize) {
    const erasures = {
      secret: Buffer.from(secret).toString("base64"),
      erased: erased.slice(from, from + erasureBatchSize),
    };
    const [taken] = (await target.bring({ erasures })).taken;
    if (taken?.outcome === "put") continue;
    throw new Failure(
      "the other Gatepost has erased people or events, and names them by another secret: what you have erased here could " +
        "come again there; migrate to one that has erased nothing yet",
    );
  }
  return erased.length;
}

async function moveKeys({ source, target }: Moving) {
  const moved: Pick<Migrated, "keys" | "keyConflicts"> = { keys: 0, keyConflicts: [] };
  for (const some of chunked(await source.keys(), batchSize)) {
    for (const { id, outcome } of (await target.bring({ keys: some })).taken) {
      if (outcome === "conflict") moved.keyConflicts.push(id);
      else moved.keys += 1;
    }
  }
  return moved;
}

/** Moves sites, mappings and the settings of boxes. Until the last run, boxes report here, so their silence there is set to be expected. */
async function moveBoxes({ source, target }: Moving, { isLast }: { isLast: boolean }): Promise<number> {
  for (const some of chunked(await source.sites(), batchSize)) await target.bring({ sites: some });
  for (const some of chunked(await source.mappings(), batchSize)) await target.bring({ mappings: some });
  const boxes = source.boxes();
  for (const some of chunked(boxes, batchSize)) {
    await target.bring({
      boxes: isLast ? some : some.map((box) => ({ ...box, isExpected: true, silentSince: null, isAnnounced: false })),
    });
  }
  return boxes.length;
}

async function moveStatuses({ source, target }: Moving): Promise<number> {
  const statuses = source.statuses();
  for (const some of chunked(statuses, statusBatchSize)) await target.bring({ statuses: some });
  return statuses.length;
}

/** A replay, with the record that it has set aside. */
interface Leaving {
  name: string;
  replay: NotedReplay;
  record: ReturnType<typeof textual>;
}

/** Sends the replays that can be undone, with the records that they have set aside. */
async function moveReplays({ source, target, progress, clock }: Moving) {
  const moved = { replays: 0, replaysLeft: 0 };
  const replays = function* (): Generator<Leaving> {
    for (const replay of source.replays(clock())) {
      // The end of a later replay of the same record is another one.
      const name = `${replay.id} ${replay.until}`;
      if (!progress.hasRecord(name)) yield { name, replay, record: textual(source.aside(replay, clock())) };
    }
  };
  const gate = new TaskLimiter({ maxTasks: maxRecords, maxBytes: maxRecordBytes });
  const bytesOf = ({ record }: Leaving) => 2 * (record?.body.length ?? 0);
  await forEachInFlight<Leaving>(replays(), { gate, bytesOf }, async ({ name, replay, record }) => {
    if (await target.takes({ replay: { ...replay, record } })) {
      progress.noteRecord(name);
      // Its record is another one there now, and goes again if it is in quarantine again.
      progress.forgetRecord(replay.id);
      moved.replays += 1;
    } else {
      // So the undo there names the events that stay.
      await target.takes({ replay: { ...replay, record: null } });
      moved.replaysLeft += 1;
    }
  });
  return moved;
}

async function moveQuarantine({ source, target, progress }: Moving) {
  const moved = { quarantine: 0, quarantineLeft: 0 };
  const records = function* () {
    for (const id of source.recordIds()) {
      const record = progress.hasRecord(id) ? null : textual(source.record(id));
      if (record !== null) yield record;
    }
  };
  const gate = new TaskLimiter({ maxTasks: maxRecords, maxBytes: maxRecordBytes });
  await forEachInFlight(records(), { gate, bytesOf: ({ body }) => 2 * body.length }, async (record) => {
    if (await target.takes({ record })) {
      progress.noteRecord(record.id);
      moved.quarantine += 1;
    } else moved.quarantineLeft += 1;
  });
  return moved;
}

/** A record as it is sent. */
function textual(record: ReturnType<LeavingStore["record"]>) {
  return record && { ...record, body: record.body.toString("base64") };
}

/**
 * Erases there the events that were sent and then erased here. Events that only expired here stay: the other store has
 * its own retention.
 */
async function eraseThere({ source, target, progress, clock }: Moving): Promise<number> {
  let erased = 0;
  for (const id of erasedAmong(progress.went(), source.erasures().erased)) {
    if (source.event(id, clock()) !== null) continue;
    await target.erase(id);
    progress.forget(id);
    erased += 1;
  }
  return erased;
}
