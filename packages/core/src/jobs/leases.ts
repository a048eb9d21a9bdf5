import { minuteMs } from "@gatepost/protocol";
import { all, asRead, compare, equals, type Item, not, present, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { hasEnded, type StoredJob } from "./job.ts";

/** ms after which a job that no one has leased counts as forgotten: a message arrives sooner, if there is one. */
export const forgottenAfterMs = 6 * minuteMs;

/** The slice that a message of the queue requests: the next one when it was sent, and no later one. */
export interface JobTicket {
  job: string;
  ticket: string;
}

export interface JobLease {
  /** How often in a row a lease of this job was not given back: the process was ended during the slice. */
  cutShort: number;
  giveBack(): Promise<void>;
}

/** The attributes of the item of a job that leases use. */
const marks = new RecordKind(
  "job ",
  z.object({
    ticket: z.optional(z.string()),
    pushedAt: z.optional(z.number()),
    lease: z.optional(z.string()),
    leasedUntil: z.optional(z.number()),
    leases: z.optional(z.number()),
  }),
);

const exists = present("job");

/** The members of `Jobs` that are read. */
interface OpenJobs {
  open(): Promise<{ readable: readonly { item: Item; job: StoredJob }[] }>;
}

interface Deps {
  items: Rows;
  jobs: OpenJobs;
  /** ms since 1970. */
  clock(): number;
}

/**
 * Which process does a job. Each message has a ticket, and the item of the job has the ticket of the newest message. A
 * process leases the job to do a slice. So repeated messages do nothing twice, and sending one again is safe.
 */
export class JobLeases {
  readonly #items: Rows;
  readonly #jobs: OpenJobs;
  readonly #clock: () => number;

  constructor({ items, jobs, clock }: Deps) {
    this.#items = items;
    this.#jobs = jobs;
    this.#clock = clock;
  }

  /** Makes the ticket for the next slice. Earlier tickets are then invalid. */
  async issue(job: string): Promise<JobTicket> {
    const ticket = crypto.randomUUID();
    await this.#items.write(marks.change(job, { set: { ticket, pushedAt: this.#clock() }, when: exists }));
    return { job, ticket };
  }

  /** Leases a job for `ms`. Null if it is already leased, the ticket is not the newest, or the job does not exist. */
  async lease({ job, ticket }: JobTicket, ms: number): Promise<JobLease | null> {
    const now = this.#clock();
    const lease = crypto.randomUUID();
    const { applied, previous } = await this.#items.write(
      marks.change(job, {
        set: { lease, leasedUntil: now + ms },
        add: { leases: 1 },
        when: all(exists, equals("ticket", ticket), isFreeAt(now)),
      }),
    );
    if (!applied) return null;
    return {
      cutShort: previous === null ? 0 : numberIn(previous, "leases", 0),
      giveBack: async () => {
        const remove = ["lease", "leasedUntil", "leases"] as const;
        await this.#items.write(marks.change(job, { remove, when: equals("lease", lease) }));
      },
    };
  }

  /**
   * The jobs that seem to be done by no one and asked for by no message. If several callers ask, only one gets each
   * job. A broken mark counts as absent: it must not keep other jobs from being found.
   */
  async forgotten(): Promise<JobTicket[]> {
    const now = this.#clock();
    const tickets: JobTicket[] = [];
    for (const { item, job } of (await this.#jobs.open()).readable) {
      if (hasEnded(job) || numberIn(item, "pushedAt", job.createdAt) > now - forgottenAfterMs) continue;
      const { ticket: held } = item;
      const ticket = typeof held === "string" ? held : crypto.randomUUID();
      const { applied } = await this.#items.write(
        marks.change(job.id, {
          set: { ticket, pushedAt: now },
          when: all(exists, asRead(item, ["pushedAt"]), isFreeAt(now)),
        }),
      );
      if (applied) tickets.push({ job: job.id, ticket });
    }
    return tickets;
  }
}

/** Also true if the time of the lease is broken: otherwise no one would ever do the job. */
function isFreeAt(now: number) {
  return not(compare("leasedUntil", ">", now));
}

function numberIn(item: Item, name: string, otherwise: number): number {
  const value = item[name];
  return typeof value === "number" && !Number.isNaN(value) ? value : otherwise;
}
