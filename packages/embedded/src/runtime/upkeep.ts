import type { JobStore } from "@gatepost/api";
import { relayOutbox, relayUntold, type UntoldPorts } from "@gatepost/core/actions";
import type { AuditRecords } from "@gatepost/core/audit";
import type { Shipping } from "@gatepost/core/health";
import { hourMs, minuteMs, secondMs } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import type { Reserve } from "@gatepost/sqlite";
import type { BoxWatch } from "../boxes/watch.ts";
import type { EmbeddedBus } from "../bus/bus.ts";
import type { StoreClock } from "../db/store-clock.ts";
import type { Retention } from "../erasure/retention.ts";
import type { LostPictures } from "../events/lost-pictures.ts";
import type { ExportFolder } from "../jobs/exports.ts";
import type { JobWorker } from "../jobs/worker.ts";

/** Runs `work` once after `ms`. The returned function cancels that. */
export type After = (ms: number, work: () => void) => () => void;

/** Follows the stored data, for example to ship it elsewhere. */
export interface Follower {
  /**
   * Once it resolves, the follower has everything that was durable at the call. Throws if the follower could not take
   * it.
   */
  tick(): Promise<void>;
  /** The state of shipping. */
  shipping(): Shipping;
  /** Takes the unshipped data, within the time for a stop, and ends. */
  end(): Promise<void>;
}

interface Deps {
  ingest: Ports & UntoldPorts;
  bus: EmbeddedBus;
  retention: Retention;
  storeClock: StoreClock;
  boxes: BoxWatch;
  lostPictures: LostPictures;
  reserve: Reserve;
  audit: AuditRecords;
  /** Sends the mails that are due. */
  sendMails(): Promise<void>;
  /** Tells subscribers of alarms that no person has acknowledged in time. */
  checkAlarms(): Promise<void>;
  /** Tells subscribers of visitors who have arrived. */
  checkVisits(): Promise<void>;
  follower?: Follower | null;
  jobs: { store: JobStore; queue: JobWorker; exports: ExportFolder };
  after?: After;
}

/** ms after a start, when boxes send their delayed reports: the removal of expired rows can wait. */
const sweepAfterMs = 10 * secondMs;

/**
 * The periodic work of a server: delivers due entries, announces actions left in the outbox, flags events whose
 * pictures are lost, reports silent boxes, unacknowledged alarms and visitors, reserves room on the disk, does unfinished
 * jobs, and removes expired rows.
 * Each runs at once, the removal a little later, and then again and again. The returned function ends all of it, after
 * the work in progress; the follower itself ends shipping in progress.
 */
export function upkeep(deps: Deps) {
  const {
    ingest,
    bus,
    retention,
    storeClock,
    boxes,
    lostPictures,
    reserve,
    jobs,
    audit,
    follower,
    after = onTimer,
  } = deps;
  const repeat = (what: string, every: number, work: () => Promise<unknown>, first = 0) =>
    repeatedly(work, {
      first,
      every,
      after,
      onFailure: sayingOnce(ingest, `${what} failed, trying again`),
    });
  /** Nothing is removed for its age while the clock may be wrongly ahead. */
  const whereBelieved = (remove: () => Promise<void>) => async () => {
    if (await storeClock.note()) await remove();
  };
  const ends = [
    ...(follower === null || follower === undefined ? [] : [shipping(repeat, follower)]),
    repeat("the bus", secondMs, () => bus.tick()),
    repeat("the sweep of actions", 10 * secondMs, outboxSweep(ingest)),
    repeat("telling rules of actions that wait", secondMs, untoldSweep(ingest, bus)),
    repeat("flagging events whose pictures are lost", 10 * secondMs, () => lostPictures.flag()),
    repeat("the check of due boxes", minuteMs, () => boxes.look()),
    repeat("reserving room on the disk", minuteMs, () => reserve.fill()),
    repeat("announcing unacknowledged alarms", 10 * secondMs, () => deps.checkAlarms()),
    repeat("announcing visitors", 5 * secondMs, () => deps.checkVisits()),
    repeat("sending mails", minuteMs, () => deps.sendMails()),
    repeat("unfinished jobs", minuteMs, () => jobs.queue.push()),
    repeat(
      "the removal of old exports",
      10 * minuteMs,
      whereBelieved(() => jobs.exports.sweep(jobs.store, storeClock.believed())),
    ),
    repeat(
      "the cleanup of jobs",
      10 * minuteMs,
      whereBelieved(() => jobs.store.tidy()),
    ),
    repeat("keeping the audit log", minuteMs, () => audit.tidy()),
    repeat("noting the clock", minuteMs, () => storeClock.note()),
    repeat("applying a new retention", 10 * secondMs, () => retention.applyDays()),
    repeat(
      "the removal of expired rows",
      hourMs,
      whereBelieved(() => sweep(deps)),
      sweepAfterMs,
    ),
  ];
  return async (): Promise<void> => {
    retention.end();
    await Promise.all([...ends.map((end) => end()), bus.close()]);
    // The observed time of the clock counts for the next process.
    await storeClock
      .note()
      .catch((cause: unknown) =>
        ingest.log.warn("could not record the time; the next start uses the last record", { cause }),
      );
  };
}

/** At the end, the follower deals with shipping in progress: it does not wait for a bucket that does not answer. */
function shipping(
  repeat: (what: string, every: number, work: () => Promise<unknown>) => () => Promise<void>,
  follower: Follower,
): () => Promise<void> {
  const end = repeat("shipping", 5 * secondMs, () => follower.tick());
  return async () => void end();
}

/**
 * Only one process has a folder: actions that wait at its start were left by an ended process, and are announced with
 * the first sweep.
 */
function outboxSweep(ingest: Ports): () => Promise<unknown> {
  let leftBy = ingest.clock();
  return async () => {
    await relayOutbox(ingest, { leftBy });
    // The clock may be set back: then this process has rows dated before its start.
    leftBy = Number.NEGATIVE_INFINITY;
  };
}

/** At the start and when the rules change, actions that no rule has taken are announced again, some in each second. */
function untoldSweep(ingest: UntoldPorts, bus: EmbeddedBus): () => Promise<unknown> {
  let done: object | null = null;
  let pass: { rules: object | null; from: string | null; failed: number } = { rules: null, from: null, failed: 0 };
  return async () => {
    const rules = bus.ruleSet();
    if (rules === done) return;
    if (rules !== pass.rules || pass.from === null) pass = { rules, from: null, failed: 0 };
    const { next, failed } = bus.isAnyOn()
      ? await relayUntold(ingest, { from: pass.from, withinMs: secondMs })
      : { next: null, failed: 0 };
    pass = { rules, from: next, failed: pass.failed + failed };
    if (next === null && pass.failed === 0) done = rules;
  };
}

async function sweep({ retention, storeClock, ingest: { log } }: Deps): Promise<void> {
  if (storeClock.doubt() === null) await retention.setRight(storeClock.believed());
  const removed = await retention.sweep(storeClock.believed());
  if (removed.events + removed.packs > 0) log.info("removed expired rows and packs", { ...removed });
}

interface Repetition {
  /** ms until the first run; 0: it is now. */
  first: number;
  /** ms from the end of one run to the beginning of the next. */
  every: number;
  after: After;
  onFailure(cause: unknown): void;
}

/** Logs a failure that repeats for the same reason only once a minute. */
function sayingOnce({ log, clock }: Ports, message: string): (cause: unknown) => void {
  let said = { why: "", at: 0 };
  return (cause) => {
    const [why, at] = [String(cause), clock()];
    if (why === said.why && Math.abs(at - said.at) < minuteMs) return;
    said = { why, at };
    log.error(message, { cause });
  };
}

function repeatedly(work: () => Promise<unknown>, { first, every, after, onFailure }: Repetition): () => Promise<void> {
  let isOver = false;
  let callOff = () => {};
  let underWay = Promise.resolve();
  const run = () => {
    underWay = work()
      .then(() => {}, onFailure)
      .then(() => {
        if (!isOver) callOff = after(every, run);
      });
  };
  if (first === 0) run();
  else callOff = after(first, run);
  return () => {
    isOver = true;
    callOff();
    return underWay;
  };
}

function onTimer(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
