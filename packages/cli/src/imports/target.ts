import type { KeyObject } from "node:crypto";
import type { ImportedErasure } from "@gatepost/core/erasure";
import { erasedName } from "@gatepost/core/erasure";
import type { ImportedEvent } from "@gatepost/core/imports";
import { dayMs, knownPerson, merge } from "@gatepost/protocol";
import * as z from "zod";
import { Failure } from "../failure.ts";
import { TaskLimiter } from "./gate.ts";
import type { Went } from "./progress.ts";
import { type Answered, type Asking, Requests } from "./requests.ts";

/**
 * ms for which an erasure may wait in the queue. It also erases events received meanwhile, but has the time of its
 * request.
 */
const maxWaitMs = dayMs;

/** A note of an event that is sent now: the names by which an erasure finds it, and its earliest time. */
export function wentOf({ reports, ...event }: ImportedEvent, key: KeyObject, now: number): Went {
  const { id, box } = event;
  const { person, timestamp, receivedAt } = merge({
    ...event,
    reports: reports.map(({ report }) => report),
    actions: [],
  });
  const known = knownPerson(person);
  const ofPerson = known === null ? [] : [box, null].map((at) => ({ person: known, box: at }));
  const names = [{ event: id }, ...ofPerson].map((erased) => erasedName(erased, key));
  // With a clock that was ahead, an event may seem to be later than its erasure: so now counts, too.
  return { id, names, since: Math.min(timestamp, Date.parse(receivedAt), now) };
}

/** The ids of the events that these erasures cover. */
export function erasedAmong(went: Iterable<Went>, erased: readonly ImportedErasure[]): string[] {
  if (erased.length === 0) return [];
  const times = new Map(erased.map(({ name, at }) => [name, at]));
  const isErased = ({ names, since }: Went) =>
    names.some((name) => (times.get(name) ?? Number.NEGATIVE_INFINITY) + maxWaitMs >= since);
  const ids: string[] = [];
  for (const event of went) if (isErased(event)) ids.push(event.id);
  return ids;
}

const taken = z.array(
  z.object({
    id: z.string(),
    outcome: z.string(),
    missing: z
      .array(
        z.object({ eventId: z.string(), report: z.string(), kind: z.string(), month: z.string(), sha256: z.string() }),
      )
      .optional(),
  }),
);
const held = z.array(
  z.object({
    id: z.string(),
    expiresAt: z.number(),
    reports: z.record(z.string(), z.string()),
    received: z.record(z.string(), z.number()),
    actions: z.record(z.string(), z.string()),
    missing: z.number(),
  }),
);
const answer = z.object({ taken, held });

export type Taken = z.output<typeof taken>[number];
export type HeldRecord = z.output<typeof held>[number];

/** A request is too large for its target. */
export class TooLarge extends Failure {}

/** Requests that are under way at the same time, while the other Gatepost is not overloaded. */
const maxRequests = 100;

/** The Gatepost that takes everything over. */
export class MigrationTarget {
  readonly #url: string;
  readonly #store: string;
  readonly #requests: Requests;
  readonly #gate = new TaskLimiter({ maxTasks: maxRequests, maxBytes: Number.POSITIVE_INFINITY });
  #import: Promise<string> | null = null;

  constructor({ store, ...asking }: Asking & { store: string }) {
    this.#url = asking.url;
    this.#store = store;
    this.#requests = new Requests({ ...asking, overloaded: () => this.#gate.slowDown() });
  }

  /** Throws Failure if the target accepts nothing. */
  async bring(body: object): Promise<{ taken: Taken[]; held: HeldRecord[] }> {
    const begun = this.#begun();
    let { status, content } = await this.#send(await begun, body);
    if (status === 410) {
      // It was begun a day ago. If several requests get this answer, only one begins another import.
      if (this.#import === begun) this.#import = null;
      ({ status, content } = await this.#send(await this.#begun(), body));
    }
    if (status === 413) throw new TooLarge(`${this.#url} takes no request as large`);
    return this.#read(answer, { status, content });
  }

  /** The same. Returns false if it is too large for the target. */
  async takes(body: object): Promise<boolean> {
    try {
      await this.bring(body);
      return true;
    } catch (error) {
      if (error instanceof TooLarge) return false;
      throw error;
    }
  }

  /** The ids of all mappings there. */
  async mappings(): Promise<string[]> {
    const listed = z.object({ mappings: z.array(z.object({ id: z.string() })) });
    return this.#read(listed, await this.#requests.ask("GET", "/v1/mappings")).mappings.map(({ id }) => id);
  }

  /** Erases an event there, if it is there. */
  async erase(eventId: string): Promise<void> {
    const { status, content } = await this.#requests.ask("DELETE", `/v1/events/${eventId}`);
    if (status !== 204 && status !== 404) this.#read(z.null(), { status, content });
  }

  /** Notes the totals there. */
  async end(amounts: Record<string, number>): Promise<void> {
    const { status, content } = await this.#requests.ask("POST", `/v1/imports/${await this.#begun()}/end`, amounts);
    if (status !== 204) this.#read(z.null(), { status, content });
  }

  /** The id of the import; the first caller begins it. */
  #begun(): Promise<string> {
    this.#import ??= this.#begin();
    return this.#import;
  }

  async #begin(): Promise<string> {
    const begun = await this.#requests.ask("POST", "/v1/imports", { store: this.#store });
    return this.#read(z.object({ id: z.string() }), begun).id;
  }

  #send(id: string, body: object): Promise<Answered> {
    return this.#gate.run(0, () => this.#requests.ask("POST", `/v1/imports/${id}`, body));
  }

  #read<Schema extends z.ZodType>(schema: Schema, { status, content }: Answered): z.output<Schema> {
    if (status >= 300) throw this.#refusal({ status, content });
    const read = schema.safeParse(content);
    if (read.success) return read.data;
    throw new Failure(`no Gatepost of this version answers at ${this.#url}`);
  }

  #refusal({ status, content }: Answered): Failure {
    const problem = z.object({ detail: z.string() }).safeParse(content);
    if (!problem.success)
      return new Failure(`no Gatepost has its API at ${this.#url}, which answers ${status}; is it the right address?`);
    if (status === 401 || status === 403)
      return new Failure(
        `${this.#url} does not take the key in --token or GATEPOST_TOKEN; send a live key of scope admin`,
      );
    return new Failure(`${this.#url} answers ${status}: ${problem.data.detail}`);
  }
}
