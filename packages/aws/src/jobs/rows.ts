import type { Log, LogOnce } from "@gatepost/ingest";
import { parseStored, storedJson } from "@gatepost/protocol";
import { type Job, storedJob, unreadableJobs } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { type Item, textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";

const jobRow = z.object({ job: storedJson(storedJob), ttl: z.number() });
const batchSize = 25;
const prefix = "job ";

interface Deps {
  dynamo: Dynamo;
  log: Log;
  clock(): number;
}

/** The table of jobs, and what reads its rows. */
export interface StoredJobs {
  dynamo: Dynamo;
  rows: JobRows;
  clock(): number;
}

/** Some rows of jobs: those that can be read, with their jobs, and the ids of the others. */
interface JobsRead {
  readable: { row: Item; job: Job }[];
  unreadable: string[];
}

/** Reads rows of jobs. One that cannot be read counts as none: it must not keep other jobs from being made or done. */
export class JobRows {
  readonly #deps: Deps;
  readonly #unreadable: LogOnce;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#unreadable = unreadableJobs(deps.log);
  }

  /** The rows of jobs that have not ended, and of exports that have a result, the oldest first. */
  async open(): Promise<JobsRead> {
    const { dynamo } = this.#deps;
    const shards = [{ index: "byTime" as const, hash: lists.jobs }];
    const open: Item[] = [];
    for await (const entries of chunk(queryShards(dynamo, { shards, order: "ascending" }), () => batchSize)) {
      const rows = await dynamo.getAll(entries.map(({ pk }) => pk));
      for (const { pk } of entries) {
        const row = rows.get(pk);
        // The index lags behind the row.
        if (row?.["byTime"] !== undefined) open.push(row);
      }
    }
    return this.#read(open);
  }

  /** Null where there is none, it has expired, or it cannot be read. */
  async get(id: string): Promise<Job | null> {
    const row = await this.#deps.dynamo.get(rowOf(id));
    return row === null ? null : (this.#read([row]).readable[0]?.job ?? null);
  }

  async getAll(ids: readonly string[]): Promise<JobsRead> {
    return this.#read([...(await this.#deps.dynamo.getAll(ids.map(rowOf))).values()]);
  }

  #read(rows: readonly Item[]): JobsRead {
    const read: JobsRead = { readable: [], unreadable: [] };
    for (const row of rows) {
      try {
        const { job } = parseStored(jobRow, row, `${row["pk"]}`);
        if (!isExpired(row, this.#deps.clock())) read.readable.push({ row, job });
      } catch (cause) {
        const id = textOf(row, "pk").slice(prefix.length);
        read.unreadable.push(id);
        this.#unreadable.error(id, { id, cause });
      }
    }
    return read;
  }
}

export function rowOf(id: string): string {
  return `${prefix}${id}`;
}
