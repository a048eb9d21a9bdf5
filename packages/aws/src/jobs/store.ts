import { toStoredJson } from "@gatepost/protocol";
import {
  type Admission,
  hasEnded,
  type Job,
  type JobRoom,
  type JobStore,
  jobLifetimeMs,
  jobsThere,
  lackOfRoom,
  type NoRoom,
  storedJob,
} from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { indexKey } from "../dynamo/index-keys.ts";
import * as lists from "../dynamo/lists.ts";
import { type JobRows, rowOf, type StoredJobs } from "./rows.ts";
import { askedOn, takePlace } from "./share.ts";

/**
 * The jobs in DynamoDB: one row for each. Those that have not ended, or have a result, are in the list `jobs` of
 * byTime.
 */
export class DynamoJobStore implements JobStore {
  readonly #dynamo: Dynamo;
  readonly #rows: JobRows;
  readonly #clock: () => number;

  constructor({ dynamo, rows, clock }: StoredJobs) {
    this.#dynamo = dynamo;
    this.#rows = rows;
    this.#clock = clock;
  }

  async create(job: Job, room: JobRoom): Promise<Admission> {
    const { id, step, by, createdAt } = job;
    // The index lags behind the rows, so callers at the same time each see too few jobs in it.
    const lack = (await this.lackOfRoom(by, room)) ?? (await takePlace(job, room, this.#sharing()));
    if (lack !== null) return lack;
    const ttl = ttlAt(createdAt + jobLifetimeMs);
    const listed = { byTime: lists.jobs, at: indexKey(createdAt, id) };
    await this.#dynamo.update({ pk: rowOf(id), set: { step, job: toStoredJson(storedJob, job, id), ttl, ...listed } });
    return "created";
  }

  async lackOfRoom(by: string, room: JobRoom): Promise<NoRoom | null> {
    const there = jobsThere(await this.unfinished(), this.#clock());
    const today = room.aDay === null ? 0 : await askedOn(this.#clock(), by, this.#dynamo);
    return lackOfRoom({ ...there, today }, by, room);
  }

  get(id: string): Promise<Job | null> {
    return this.#rows.get(id);
  }

  async advance({ id, step }: Job, after: Job): Promise<boolean> {
    const isOpen = !hasEnded(after) || (after.asked.kind === "export" && after.result !== null);
    const { applied } = await this.#dynamo.update({
      pk: rowOf(id),
      set: { step: step + 1, job: toStoredJson(storedJob, { ...after, step: step + 1 }, id) },
      ...(isOpen ? {} : { remove: ["byTime", "at"] }),
      condition: "#step = :step",
      values: { step },
    });
    return applied;
  }

  async unfinished(): Promise<Job[]> {
    return (await this.#rows.open()).readable.map(({ job }) => job);
  }

  async unreadable(): Promise<string[]> {
    return (await this.#rows.open()).unreadable;
  }

  #sharing() {
    const endedOf = async (ids: readonly string[]) => {
      const { readable, unreadable } = await this.#rows.getAll(ids);
      const ended = readable.map(({ job }) => [job.id, hasEnded(job)] as const);
      return new Map([...ended, ...unreadable.map((id) => [id, true] as const)]);
    };
    return { dynamo: this.#dynamo, clock: this.#clock, endedOf };
  }
}
