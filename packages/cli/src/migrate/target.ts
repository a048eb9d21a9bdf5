import * as z from "zod";
import { Failure } from "../failure.ts";
import { type Answered, type Asking, Requests } from "./requests.ts";

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
export type Held = z.output<typeof held>[number];

/** A request is too large for where it was sent. */
export class TooLarge extends Failure {}

/** The Gatepost that takes everything over. */
export class MigrationTarget {
  readonly #url: string;
  readonly #store: string;
  readonly #requests: Requests;
  #import = "";

  constructor({ store, ...asking }: Asking & { store: string }) {
    this.#url = asking.url;
    this.#store = store;
    this.#requests = new Requests(asking);
  }

  /** Throws Failure where it takes nothing. */
  async bring(body: object): Promise<{ taken: Taken[]; held: Held[] }> {
    if (this.#import === "") await this.#begin();
    const sent = () => this.#requests.ask("POST", `/v1/imports/${this.#import}`, body);
    let { status, content } = await sent();
    if (status === 410) {
      await this.#begin();
      ({ status, content } = await sent());
    }
    if (status === 413) throw new TooLarge(`${this.#url} takes no request as large`);
    return this.#read(answer, { status, content });
  }

  /** Erases an event there, if it is there. */
  async erase(eventId: string): Promise<void> {
    const { status, content } = await this.#requests.ask("DELETE", `/v1/events/${eventId}`);
    if (status !== 204 && status !== 404) this.#read(z.null(), { status, content });
  }

  /** Notes there what it all came to. */
  async end(amounts: Record<string, number>): Promise<void> {
    const { status, content } = await this.#requests.ask("POST", `/v1/imports/${this.#import}/end`, amounts);
    if (status !== 204) this.#read(z.null(), { status, content });
  }

  async #begin(): Promise<void> {
    const begun = await this.#requests.ask("POST", "/v1/imports", { store: this.#store });
    this.#import = this.#read(z.object({ id: z.string() }), begun).id;
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
      return new Failure(
        `no Gatepost has its API at ${this.#url}, where something says ${status}; is it the right address?`,
      );
    if (status === 401 || status === 403)
      return new Failure(
        `${this.#url} does not take the key in --token or GATEPOST_TOKEN; send a live key of scope admin`,
      );
    return new Failure(`${this.#url} answers ${status}: ${problem.data.detail}`);
  }
}
