import { minuteMs } from "@gatepost/protocol";
import { hasEnded } from "@gatepost/query";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { type Item, numberOf } from "../dynamo/item.ts";
import { asRead } from "../dynamo/item-update.ts";
import { type JobRows, rowOf, type StoredJobs } from "./rows.ts";

/** ms after which a job that nobody has leased counts as forgotten: a message comes sooner, if there is one. */
export const forgottenAfterMs = 6 * minuteMs;

/** What a message of the queue asks for: the slice that was next when it was sent, and no later one. */
export interface JobTicket {
  job: string;
  /** Absent in messages of an earlier version. */
  ticket?: string | undefined;
}

export interface JobLease {
  /** How often in a row a lease of this job was not given back: the process was ended during the slice. */
  cutShort: number;
  giveBack(): Promise<void>;
}

/**
 * Who does a job. Each message has a ticket, and the row of the job has that of the newest message. A process leases
 * the row to do a slice. So repeated messages do nothing twice, and sending one again is safe.
 */
export class DynamoJobLeases {
  readonly #dynamo: Dynamo;
  readonly #rows: JobRows;
  readonly #clock: () => number;

  constructor({ dynamo, rows, clock }: StoredJobs) {
    this.#dynamo = dynamo;
    this.#rows = rows;
    this.#clock = clock;
  }

  /** Makes the ticket for the next slice. Earlier tickets are then invalid. */
  async issue(id: string): Promise<JobTicket> {
    const ticket = crypto.randomUUID();
    await this.#dynamo.update({ pk: rowOf(id), set: { ticket, pushedAt: this.#clock() }, condition: exists });
    return { job: id, ticket };
  }

  /**
   * Leases a job for `ms`. Null where it is already leased, the ticket is not the newest, or the job does not exist.
   */
  async lease({ job, ticket }: JobTicket, ms: number): Promise<JobLease | null> {
    const now = this.#clock();
    const lease = crypto.randomUUID();
    const pk = rowOf(job);
    const isNewest = ticket === undefined ? "attribute_not_exists(#ticket)" : "#ticket = :ticket";
    const { applied, previous } = await this.#dynamo.update({
      pk,
      set: { lease, leasedUntil: now + ms },
      add: { leases: 1 },
      condition: `${exists} AND ${isNewest} AND ${isFree}`,
      values: { now, ...(ticket !== undefined && { ticket }) },
    });
    if (!applied) return null;
    return {
      cutShort: leasesIn(previous),
      giveBack: async () => {
        const remove = ["lease", "leasedUntil", "leases"];
        await this.#dynamo.update({ pk, remove, condition: "#lease = :lease", values: { lease } });
      },
    };
  }

  /**
   * The jobs that seem to be done by nobody and asked for by no message. Of several callers, only one gets each job. What
   * is broken beside a job counts as absent: it must not keep others from being found.
   */
  async forgotten(): Promise<JobTicket[]> {
    const now = this.#clock();
    const tickets: JobTicket[] = [];
    for (const { row, job } of (await this.#rows.open()).readable) {
      const pushedAt = finite.safeParse(row["pushedAt"]).data ?? job.createdAt;
      if (hasEnded(job) || pushedAt > now - forgottenAfterMs) continue;
      const ticket = text.safeParse(row["ticket"]).data ?? crypto.randomUUID();
      const wasPushed = asRead(row, ["pushedAt"]);
      const { applied } = await this.#dynamo.update({
        pk: rowOf(job.id),
        set: { ticket, pushedAt: now },
        condition: `${exists} AND ${wasPushed.condition} AND ${isFree}`,
        values: { now, ...wasPushed.values },
      });
      if (applied) tickets.push({ job: job.id, ticket });
    }
    return tickets;
  }
}

const exists = "attribute_exists(#job)";
/** Also where the time of the lease is broken: else nobody would ever do the job. */
const isFree = "NOT (#leasedUntil > :now)";
const finite = z.number();
const text = z.string();

function leasesIn(row: Item | null): number {
  return row?.["leases"] === undefined ? 0 : numberOf(row, "leases");
}
