import { BrokenRow, storedJson } from "@gatepost/protocol";
import { absent, equals, type Item, type Items, type List, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { type Log, LogOnce } from "../log/log.ts";
import { RecordKind } from "../records/record-kind.ts";
import { hasEnded, type JobKind, jobLifetimeMs, jobSchema, resultLifetimeMs, type StoredJob } from "./job.ts";
import { type Admission, type JobRoom, jobsThere, lackOfRoom, type NoRoom } from "./room.ts";
import { Shares } from "./shares.ts";

/** The jobs that have not ended, and exports that have a result, at the time when they were created. */
const unfinished: List = { index: "byTime", name: "jobs" };

interface Deps {
  items: Items;
  log: Log;
  /** ms since 1970. */
  clock(): number;
}

/** Some jobs: the readable ones, with their items, and the others. */
interface Read<Asked extends { kind: JobKind }> {
  readable: { item: Item; job: StoredJob<Asked> }[];
  unreadable: { id: string; item: Item }[];
}

/**
 * The jobs: `job ID`. One that has not ended stays, however old it is: an erasure that was begun must end. One that
 * cannot be read counts as missing: it must not keep other jobs from being made or done.
 */
export class Jobs<Asked extends { kind: JobKind }> {
  readonly #items: Items;
  readonly #clock: () => number;
  readonly #unreadable: LogOnce;
  readonly #shares: Shares;
  readonly #jobs = new RecordKind("job ", z.object({ step: z.int(), job: storedJson(jobSchema<Asked>()) }));

  constructor({ items, log, clock }: Deps) {
    this.#items = items;
    this.#clock = clock;
    this.#unreadable = new LogOnce(log, "a job cannot be read, and counts as none");
    this.#shares = new Shares({ items, clock, endedOf: (ids) => this.#endedOf(ids) });
  }

  /**
   * Stores a job, if there is room for it. The jobs of one key are counted exactly, even if several are requested at
   * the same time. All keys together may exceed their limit for a moment.
   */
  async create(job: StoredJob<Asked>, room: JobRoom): Promise<Admission> {
    // A list may lag behind, so callers at the same time each see too few jobs in it.
    const lack = (await this.lackOfRoom(job.by, room)) ?? (await this.#shares.take(job, room));
    if (lack !== null) return lack;
    await this.createOnce(job);
    return "created";
  }

  /**
   * Stores a job that needs no room. False if there is one of this id.
   *
   * @param pushedAt ms; 0: no message asks for the job, and the next sweep sends one (`JobLeases`)
   */
  async createOnce(job: StoredJob<Asked>, pushedAt?: number): Promise<boolean> {
    const { id, step, createdAt } = job;
    const listed = { byTime: unfinished.name, at: placeAt(createdAt, id), ...expiryOf(job) };
    const { set, ...change } = this.#jobs.record(id, { step, job: JSON.stringify(job), ...listed }, absent());
    const pushed = pushedAt === undefined ? {} : { pushedAt };
    return (await this.#items.write({ ...change, set: { ...set, ...pushed } })).applied;
  }

  /** Why there is no room for another job of a key at the moment; null if there is. Nothing is written. */
  async lackOfRoom(by: string, room: JobRoom): Promise<NoRoom | null> {
    const there = jobsThere(await this.unfinished(), this.#clock());
    const today = room.aDay === null ? 0 : await this.#shares.askedToday(by);
    return lackOfRoom({ ...there, today }, by, room);
  }

  /** Null if there is none, or its time is over. */
  async get(id: string): Promise<StoredJob<Asked> | null> {
    const item = await this.#items.get(this.#jobs.pk(id));
    return item === null ? null : (this.#read([item]).readable[0]?.job ?? null);
  }

  /**
   * Writes the next state of a job, unless another one was written since `before`. Returns whether it was written. The
   * state before the end of a job leaves no byte.
   */
  async advance({ id, step }: StoredJob<Asked>, after: StoredJob<Asked>): Promise<boolean> {
    const isOpen = !hasEnded(after) || (after.asked.kind === "export" && after.result !== null);
    const set = { step: step + 1, job: JSON.stringify({ ...after, step: step + 1 }), ...expiryOf(after) };
    const { applied } = await this.#items.write(
      this.#jobs.change(id, {
        set,
        remove: isOpen ? [] : ["byTime", "at"],
        when: equals("step", step),
        leavesNoTrace: hasEnded(after),
      }),
    );
    return applied;
  }

  /** The jobs that have not ended, and exports whose result is kept; some are there for longer. The oldest first. */
  async unfinished(): Promise<StoredJob<Asked>[]> {
    return (await this.open()).readable.map(({ job }) => job);
  }

  /** The jobs that have not ended. The oldest first. */
  async unended(): Promise<StoredJob<Asked>[]> {
    return (await this.unfinished()).filter((job) => !hasEnded(job));
  }

  /** Whether `unfinished` has a job that has not ended: on AWS a new one may be missing there for a second. */
  async isListed({ id, createdAt }: Pick<StoredJob, "id" | "createdAt">): Promise<boolean> {
    const at = placeAt(createdAt, id);
    const place = { lists: [unfinished], from: at, to: at, order: "ascending" } as const;
    for await (const entry of this.#items.entries(place)) if (entry.pk === this.#jobs.pk(id)) return true;
    return false;
  }

  /** The ids of jobs that cannot be read, and may have a result. */
  async unreadable(): Promise<string[]> {
    return (await this.open()).unreadable.map(({ id }) => id);
  }

  /** All of `unfinished` and `unreadable`, with their items. */
  async open(): Promise<Read<Asked>> {
    const items: Item[] = [];
    for await (const { item } of this.#items.list({ lists: [unfinished], order: "ascending" })) items.push(item);
    return this.#read(items);
  }

  /**
   * Takes exports whose results are gone from the list of unfinished jobs, which is read for each new job, and removes
   * jobs that cannot be read after their time. Call this once the results are removed, so that no erasure misses one.
   */
  async tidy(): Promise<void> {
    const now = this.#clock();
    const { readable, unreadable } = await this.open();
    for (const { job } of readable) {
      if (!hasEnded(job) || Math.abs(now - (job.endedAt ?? 0)) <= resultLifetimeMs) continue;
      const { id, step } = job;
      await this.#items.write(this.#jobs.change(id, { remove: ["byTime", "at"], when: equals("step", step) }));
    }
    await this.#removeOld(unreadable);
  }

  /** Removes the jobs that cannot be read after their time, and no other. */
  async removeUnreadable(): Promise<void> {
    await this.#removeOld((await this.open()).unreadable);
  }

  async #removeOld(unreadable: Read<Asked>["unreadable"]): Promise<void> {
    const last = this.#clock() - jobLifetimeMs;
    for (const { id, item } of unreadable)
      if (String(item["at"]) <= placeAt(last, id)) await this.#items.remove(this.#jobs.pk(id));
  }

  async #endedOf(ids: readonly string[]): Promise<Map<string, boolean>> {
    const items = await this.#items.getAll(ids.map((id) => this.#jobs.pk(id)));
    const { readable, unreadable } = this.#read([...items.values()]);
    const ended = readable.map(({ job }) => [job.id, hasEnded(job)] as const);
    return new Map([...ended, ...unreadable.map(({ id }) => [id, true] as const)]);
  }

  #read(items: readonly Item[]): Read<Asked> {
    const read: Read<Asked> = { readable: [], unreadable: [] };
    for (const item of items) {
      try {
        read.readable.push({ item, job: this.#jobs.read(item).job });
      } catch (cause) {
        if (!(cause instanceof BrokenRow)) throw cause;
        const id = this.#jobs.id(String(item["pk"]));
        read.unreadable.push({ id, item });
        this.#unreadable.error(id, { id, cause });
      }
    }
    return read;
  }
}

function expiryOf(job: StoredJob): { ttl?: number } {
  return hasEnded(job) ? { ttl: ttlAt((job.endedAt ?? job.createdAt) + jobLifetimeMs) } : {};
}
