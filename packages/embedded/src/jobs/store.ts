import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dayMs, parseStored, storedJson } from "@gatepost/protocol";
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
} from "@gatepost/query";
import type { Reserve, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { emptyLog } from "../db/database.ts";

const countRow = z.object({ n: z.int() });

const jobRow = z.object({ step: z.int(), job: storedJson(storedJob) });

interface Deps {
  reserve: Reserve;
  clock(): number;
}

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
  /** Resolves once the log has nothing more of the job that ended last: until then nobody is told that it has. */
  #ending: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync, writer: Writer, { reserve, clock }: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#reserve = reserve;
    this.#clock = clock;
    this.#create = database.prepare("INSERT INTO jobs (id, step, is_open, created_at, job) VALUES (?, ?, 1, ?, ?)");
    this.#get = database.prepare("SELECT step, job FROM jobs WHERE id = ? AND created_at > ?");
    this.#advance = database.prepare("UPDATE jobs SET step = step + 1, is_open = ?, job = ? WHERE id = ? AND step = ?");
    this.#open = database.prepare("SELECT step, job FROM jobs WHERE is_open = 1 ORDER BY created_at, id");
    this.#ofDay = database.prepare(
      `SELECT count(*) AS n FROM jobs WHERE created_at >= ?1 * ${dayMs} AND created_at < (?1 + 1) * ${dayMs}
         AND json_extract(job, '$.by') = ?2`,
    );
    this.#close = database.prepare(
      `UPDATE jobs SET is_open = 0 WHERE is_open = 1 AND json_extract(job, '$.endedAt') NOT BETWEEN ?1 - ${resultLifetimeMs} AND ?1 + ${resultLifetimeMs}`,
    );
    this.#dropOld = database.prepare("DELETE FROM jobs WHERE created_at <= ?");
  }

  create(job: Job, room: JobRoom): Promise<Admission> {
    return this.#write(() => {
      const lack = this.#lackOfRoom(job.by, room, job.createdAt);
      if (lack === null) this.#create.run(job.id, job.step, job.createdAt, JSON.stringify(job));
      return lack ?? "created";
    });
  }

  async lackOfRoom(by: string, room: JobRoom): Promise<NoRoom | null> {
    return this.#lackOfRoom(by, room, this.#clock());
  }

  async get(id: string): Promise<Job | null> {
    const row = this.#get.get(id, this.#clock() - jobLifetimeMs);
    const job = row === undefined ? null : jobOf(row);
    if (job !== null && hasEnded(job)) await this.#ending;
    return job;
  }

  advance(before: Job, after: Job): Promise<boolean> {
    const advanced = this.#advanceTo(before, after);
    if (hasEnded(after)) this.#ending = advanced.catch(() => undefined);
    return advanced;
  }

  async #advanceTo({ id, step }: Job, after: Job): Promise<boolean> {
    const isOpen = Number(!hasEnded(after) || (after.asked.kind === "export" && after.result !== null));
    const isWritten = await this.#write(
      () => this.#advance.run(isOpen, JSON.stringify({ ...after, step: step + 1 }), id, step).changes === 1,
    );
    // What has ended may have held the id of a person, which must not stay in the log of the database.
    if (isWritten && hasEnded(after)) await this.#reserve.run(() => emptyLog(this.#database, this.#writer));
    return isWritten;
  }

  async unfinished(): Promise<Job[]> {
    return this.#open.all().map(jobOf);
  }

  /**
   * Removes old jobs, and counts exports whose results are gone as finished: all that are not are read whenever somebody
   * asks for a job. To be called once the results are removed, so that no erasure misses one.
   */
  async dropOld(): Promise<void> {
    const now = this.#clock();
    await this.#writer.run(() => {
      this.#close.run(now);
      this.#dropOld.run(now - jobLifetimeMs);
    });
  }

  #lackOfRoom(by: string, room: JobRoom, now: number): NoRoom | null {
    const jobs = this.#open.all().map(jobOf);
    const { n: today } = parseStored(countRow, this.#ofDay.get(dayOf(now), by), "a count of jobs");
    return lackOfRoom({ ...jobsThere(jobs, now), today }, by, room);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#reserve.run(() => this.#writer.run(work));
  }
}

function jobOf(row: Record<string, unknown>): Job {
  return parseStored(jobRow, row, "a job").job;
}
