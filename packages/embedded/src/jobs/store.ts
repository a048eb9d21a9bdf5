import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log, LogOnce } from "@gatepost/ingest";
import { dayMs, parseStored, storedJson, toStoredJson } from "@gatepost/protocol";
import {
  type Admission,
  dayOf,
  hasEnded,
  type Job,
  type JobRoom,
  type JobStore,
  jobLifetimeMs,
  jobsThere,
  lackOfRoom,
  type NoRoom,
  resultLifetimeMs,
  storedJob,
  unreadableJobs,
} from "@gatepost/query";
import type { Reserve, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { emptyLog } from "../db/database.ts";

const countRow = z.object({ n: z.int() });

const jobRow = z.object({ step: z.int(), job: storedJson(storedJob) });

interface Deps {
  reserve: Reserve;
  log: Log;
  clock(): number;
}

/** A member of a job; null where the job is broken. */
const memberOf = (name: "by" | "endedAt") => `iif(json_valid(job), json_extract(job, '$.${name}'), NULL)`;

/**
 * Whether a job was made and has ended before ?1. One that is still to be done stays however old it is: an erasure that
 * was begun must end, also after a month without a server.
 */
const isOld = `(created_at <= ?1 AND iif(json_valid(job), coalesce(${memberOf("endedAt")} <= ?1, is_open = 0), 1))`;

/** The jobs of one machine. */
export class SqliteJobStore implements JobStore {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #reserve: Reserve;
  readonly #clock: () => number;
  readonly #create: StatementSync;
  readonly #get: StatementSync;
  readonly #advance: StatementSync;
  readonly #open: StatementSync;
  readonly #ofDay: StatementSync;
  readonly #dropOld: StatementSync;
  readonly #close: StatementSync;
  readonly #unreadable: LogOnce;
  /**
   * Resolves once the log of the database no longer contains any job that has ended. Nobody is told before that it has.
   */
  #ending: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync, writer: Writer, { reserve, log, clock }: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#reserve = reserve;
    this.#unreadable = unreadableJobs(log);
    this.#clock = clock;
    this.#create = database.prepare("INSERT INTO jobs (id, step, is_open, created_at, job) VALUES (?, ?, 1, ?, ?)");
    this.#get = database.prepare(`SELECT id, step, job FROM jobs WHERE id = ?2 AND NOT ${isOld}`);
    this.#advance = database.prepare("UPDATE jobs SET step = step + 1, is_open = ?, job = ? WHERE id = ? AND step = ?");
    this.#open = database.prepare("SELECT id, step, job FROM jobs WHERE is_open = 1 ORDER BY created_at, id");
    this.#ofDay = database.prepare(
      `SELECT count(*) AS n FROM jobs WHERE created_at >= ?1 * ${dayMs} AND created_at < (?1 + 1) * ${dayMs}
         AND ${memberOf("by")} = ?2`,
    );
    this.#close = database.prepare(
      `UPDATE jobs SET is_open = 0 WHERE is_open = 1 AND ${memberOf("endedAt")} NOT BETWEEN ?1 - ${resultLifetimeMs} AND ?1 + ${resultLifetimeMs}`,
    );
    this.#dropOld = database.prepare(`DELETE FROM jobs WHERE ${isOld}`);
  }

  create(job: Job, room: JobRoom): Promise<Admission> {
    return this.#write(() => {
      const lack = this.#lackOfRoom(job.by, room, job.createdAt);
      if (lack === null) this.#create.run(job.id, job.step, job.createdAt, toStoredJson(storedJob, job, job.id));
      return lack ?? "created";
    });
  }

  async lackOfRoom(by: string, room: JobRoom): Promise<NoRoom | null> {
    return this.#lackOfRoom(by, room, this.#clock());
  }

  async get(id: string): Promise<Job | null> {
    const [job = null] = this.#read(this.#get.all(this.#clock() - jobLifetimeMs, id)).readable;
    if (job !== null && hasEnded(job)) await this.#ending;
    return job;
  }

  advance(before: Job, after: Job): Promise<boolean> {
    const advanced = this.#advanceTo(before, after);
    // Another end of the same job, which writes nothing, must not hide the first one.
    if (hasEnded(after)) this.#ending = Promise.allSettled([this.#ending, advanced]).then(() => undefined);
    return advanced;
  }

  async #advanceTo({ id, step }: Job, after: Job): Promise<boolean> {
    const isOpen = Number(!hasEnded(after) || (after.asked.kind === "export" && after.result !== null));
    const isWritten = await this.#write(
      () =>
        this.#advance.run(isOpen, toStoredJson(storedJob, { ...after, step: step + 1 }, id), id, step).changes === 1,
    );
    // A job that has ended may have contained the id of a person, which must not stay in the log of the database.
    if (isWritten && hasEnded(after)) await this.#reserve.run(() => emptyLog(this.#database, this.#writer));
    return isWritten;
  }

  async unfinished(): Promise<Job[]> {
    return this.#read(this.#open.all()).readable;
  }

  async unreadable(): Promise<string[]> {
    return this.#read(this.#open.all()).unreadable;
  }

  /**
   * The jobs that can be read, and the ids of the others, which must not keep them from being made or done. The results of
   * the others are removed with the next sweep.
   */
  #read(rows: readonly Record<string, unknown>[]): { readable: Job[]; unreadable: string[] } {
    const [readable, unreadable]: [Job[], string[]] = [[], []];
    for (const row of rows) {
      try {
        readable.push(jobOf(row));
      } catch (cause) {
        const id = String(row["id"]);
        unreadable.push(id);
        this.#unreadable.error(id, { id, cause });
      }
    }
    return { readable, unreadable };
  }

  /**
   * Removes old jobs that have ended, and counts exports whose results are gone as finished: all unfinished ones are read whenever
   * somebody asks for a job. Call this once the results are removed, so that no erasure misses one.
   */
  async dropOld(): Promise<void> {
    const now = this.#clock();
    await this.#writer.run(() => {
      this.#close.run(now);
      this.#dropOld.run(now - jobLifetimeMs);
    });
  }

  #lackOfRoom(by: string, room: JobRoom, now: number): NoRoom | null {
    const jobs = this.#read(this.#open.all()).readable;
    const { n: today } = parseStored(countRow, this.#ofDay.get(dayOf(now), by), "a count of jobs");
    return lackOfRoom({ ...jobsThere(jobs, now), today }, by, room);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#reserve.write(this.#writer, work);
  }
}

function jobOf(row: Record<string, unknown>): Job {
  return parseStored(jobRow, row, `job ${row["id"]}`).job;
}
