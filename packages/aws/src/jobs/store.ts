import { parseStored, storedJson } from "@gatepost/protocol";
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
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, ttlAt } from "../dynamo/expiry.ts";
import { indexKey, lists } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import { askedOn, takePlace } from "./share.ts";

const jobRow = z.object({ job: storedJson(storedJob), ttl: z.number() });
const batchSize = 25;

/**
 * The jobs in DynamoDB: one row for each. Those that have not ended, or have a result, are in the list `jobs` of
 * byTime.
 */
export class DynamoJobStore implements JobStore {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async create(job: Job, room: JobRoom): Promise<Admission> {
    const { id, step, by, createdAt } = job;
    // The index lags behind the rows, so callers at the same time each see too few jobs in it.
    const lack = (await this.lackOfRoom(by, room)) ?? (await takePlace(job, room, this.#sharing()));
    if (lack !== null) return lack;
    const ttl = ttlAt(createdAt + jobLifetimeMs);
    const listed = { byTime: lists.jobs, at: indexKey(createdAt, id) };
    await this.#dynamo.update({ pk: rowOf(id), set: { step, job: JSON.stringify(job), ttl, ...listed } });
    return "created";
  }

  async lackOfRoom(by: string, room: JobRoom): Promise<NoRoom | null> {
    const there = jobsThere(await this.unfinished(), this.#clock());
    const today = room.aDay === null ? 0 : await askedOn(this.#clock(), by, this.#dynamo);
    return lackOfRoom({ ...there, today }, by, room);
  }

  async get(id: string): Promise<Job | null> {
    const row = await this.#dynamo.get(rowOf(id));
    return row === null || isExpired(row, this.#clock()) ? null : jobOf(row);
  }

  async advance({ id, step }: Job, after: Job): Promise<boolean> {
    const isOpen = !hasEnded(after) || (after.asked.kind === "export" && after.result !== null);
    const { applied } = await this.#dynamo.update({
      pk: rowOf(id),
      set: { step: step + 1, job: JSON.stringify({ ...after, step: step + 1 }) },
      ...(isOpen ? {} : { remove: ["byTime", "at"] }),
      condition: "#step = :step",
      values: { step },
    });
    return applied;
  }

  async unfinished(): Promise<Job[]> {
    return (await openRows(this.#dynamo, this.#clock())).map(jobOf);
  }

  #sharing() {
    const endedOf = async (ids: readonly string[]) => {
      const rows = await this.#dynamo.getAll(ids.map(rowOf));
      return new Map([...rows.values()].map(jobOf).map((job) => [job.id, hasEnded(job)]));
    };
    return { dynamo: this.#dynamo, clock: this.#clock, endedOf };
  }
}

/** The rows of jobs that have not ended, and of exports that have a result, the oldest first. */
export async function openRows(dynamo: Dynamo, now: number): Promise<Item[]> {
  const shards = [{ index: "byTime" as const, hash: lists.jobs }];
  const open: Item[] = [];
  for await (const entries of chunk(queryShards(dynamo, { shards, order: "ascending" }), () => batchSize)) {
    const rows = await dynamo.getAll(entries.map(({ pk }) => pk));
    // The index lags behind the row.
    open.push(...[...rows.values()].filter((row) => row["byTime"] !== undefined && !isExpired(row, now)));
  }
  return open;
}

export function rowOf(id: string): string {
  return `job ${id}`;
}

export function jobOf(row: Item): Job {
  return parseStored(jobRow, row, `${row["pk"]}`).job;
}
