import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored, storedJson } from "@gatepost/protocol";
import {
  type Admission,
  admission,
  hasEnded,
  type Job,
  type JobRoom,
  type JobStore,
  jobLifetimeMs,
  storedJob,
} from "@gatepost/query";
import type { Reserve, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { emptyLog } from "../db/database.ts";

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
  readonly #dropOld: StatementSync;
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
    this.#dropOld = database.prepare("DELETE FROM jobs WHERE created_at <= ?");
  }

  create(job: Job, room: JobRoom): Promise<Admission> {
    return this.#write(() => {
      const unended = this.#open
        .all()
        .map(jobOf)
        .filter((one) => !hasEnded(one));
      const admitted = admission(unended, job.by, room);
      if (admitted === "created") this.#create.run(job.id, job.step, job.createdAt, JSON.stringify(job));
      return admitted;
    });
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

  async dropOld(): Promise<void> {
    await this.#writer.run(() => this.#dropOld.run(this.#clock() - jobLifetimeMs));
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#reserve.run(() => this.#writer.run(work));
  }
}

function jobOf(row: Record<string, unknown>): Job {
  return parseStored(jobRow, row, "a job").job;
}
