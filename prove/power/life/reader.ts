import * as z from "zod";
import { type Random, whole } from "../../../packages/simulator/src/random.ts";
import type { OpenGate } from "../gate.ts";

const feedPage = z.object({
  events: z.array(z.object({ id: z.string() })),
  news: z.array(z.unknown()),
  next: z.string(),
  more: z.boolean(),
});

interface ReaderPorts {
  gate: Pick<OpenGate, "ask">;
  random: Random;
  /** How many reports were posted so far. */
  posted(): number;
}

/** A reader of the feed of changes. Answers are lost now and then, and it always resumes at its last cursor. */
export class Reader {
  readonly received = new Set<string>();
  /** How many reports had been posted when it began: it misses no later event. Infinity before it began. */
  since: number;
  /** The chance, from 0 to 1, that an answer is lost. */
  unsteadiness = 0.2;
  readonly #deps: ReaderPorts;
  #after: string;

  /** @param after the cursor to begin with; null for the oldest event */
  constructor(after: "end" | null, deps: ReaderPorts) {
    this.#deps = deps;
    this.#after = after === null ? "" : `&after=${after}`;
    this.since = after === null ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Reads the next page. False if there is nothing more. */
  async read(): Promise<boolean> {
    const { gate, random, posted } = this.#deps;
    const limit = whole(1, 20, random);
    const path = `/v1/events?order=received&limit=${limit}${this.#after}`;
    const { status, body } = await gate.ask({ path });
    if (status !== 200) throw new Error(`the feed was answered ${status} after the cut`);
    if (random() < this.unsteadiness) return true;
    const { events, news, next, more } = feedPage.parse(JSON.parse(body.toString()));
    this.since = Math.min(this.since, posted());
    for (const { id } of events) this.received.add(id);
    this.#after = `&after=${encodeURIComponent(next)}`;
    return more || events.length + news.length > 0;
  }
}
