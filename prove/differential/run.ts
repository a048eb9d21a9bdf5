import type { Random } from "@gatepost/simulator";
import { pick, seededFor, whole } from "../../packages/simulator/src/random.ts";
import { adminToken, readToken, tokenOf } from "../simulation/case/keys.ts";
import { actOf } from "./acts.ts";
import { awsSide } from "./aws.ts";
import { Comparison } from "./compare.ts";
import { embeddedSide } from "./embedded.ts";
import { allPages, idsIn } from "./pages.ts";
import { type Known, ofActions, type Question, questions } from "./questions.ts";
import { Reports } from "./reports.ts";
import { type Asked, limitedToken, type Side, type Told } from "./side.ts";

const start = Date.UTC(2026, 10, 5, 4);
const minuteMs = 60_000;

/** Both runtimes with one clock and the same requests. */
export class Run {
  /** The differences between their answers. */
  readonly findings: string[] = [];
  asked = 0;
  readonly #random: Random;
  readonly #isFresh: boolean;
  readonly #reports: Reports;
  readonly #comparison = new Comparison();
  readonly #known: Known = { events: [], actions: [], records: [] };
  readonly #now: { at: number };
  readonly #sides: readonly [Side, Side];
  #tended = start;

  private constructor(seed: number, sides: readonly [Side, Side], now: { at: number }) {
    this.#random = seededFor(seed, "differential");
    this.#isFresh = this.#random() < 0.5;
    this.#reports = new Reports(this.#random, { start, isFresh: this.#isFresh });
    this.#sides = sides;
    this.#now = now;
  }

  static async open(seed: number, data: string): Promise<Run> {
    const now = { at: start };
    const clock = () => now.at;
    return new Run(seed, [await embeddedSide(data, clock), await awsSide(clock)], now);
  }

  async close(): Promise<void> {
    for (const side of this.#sides) await side.close();
  }

  async play(steps: number): Promise<void> {
    await this.#pass(2 * minuteMs);
    for (let step = 0; step < steps && this.findings.length === 0; step++) {
      await this.#pass(whole(1, 20_000, this.#random));
      const chance = this.#random();
      if (chance < 0.65) await this.#post();
      else if (chance < 0.9) await this.#operate();
      else await this.#look();
    }
    await this.#look();
  }

  /** Time passes, and each runtime does its work of every minute. */
  async #pass(ms: number): Promise<void> {
    const until = this.#now.at + ms;
    while (this.#tended + minuteMs <= until) {
      this.#tended += minuteMs;
      this.#now.at = Math.max(this.#now.at, this.#tended);
      for (const side of this.#sides) await side.tend();
    }
    this.#now.at = until;
  }

  async #post(): Promise<void> {
    const { box, route, body } = this.#reports.next();
    await this.#same(`a report of ${box} to /${route}: ${body.slice(0, 300)}`, (side) =>
      side.post(`/${tokenOf(box)}/${route}`, body),
    );
  }

  async #operate(): Promise<void> {
    const act = actOf(this.#random, this.#known);
    const token = this.#random() < 0.8 ? adminToken : this.#anyToken();
    const isErasure = act.method === "DELETE";
    // A passing within seconds of an erasure may be before it or after it, and AWS takes minutes for the rest of one.
    if (isErasure) await this.#pass(minuteMs);
    await this.#ask({ ...act, token }, act.method === "PATCH" ? [/body/] : [/keptOutUntil$/, ...ofActions]);
    if (isErasure) await this.#pass(6 * minuteMs);
  }

  /** Counts, notes and announcements up to then are the same. */
  async #look(): Promise<void> {
    const random = this.#random;
    await this.#pass(2 * minuteMs);
    await this.#note();
    const all = questions(random, { start, known: this.#known, isFresh: this.#isFresh });
    for (const question of all) if (this.findings.length === 0) await this.#compare(question, this.#anyToken());
  }

  async #note(): Promise<void> {
    const notes: [ids: string[], path: string, list: string][] = [
      [this.#known.events, "/v1/events", "events"],
      [this.#known.actions, "/v1/actions", "actions"],
      [this.#known.records, "/v1/quarantine", "records"],
    ];
    for (const [ids, path, list] of notes) {
      const told = await this.#compare({ path, list, leftOut: ofActions }, adminToken);
      ids.splice(0, ids.length, ...idsIn(told.body));
    }
  }

  async #compare({ path, list, leftOut = [] }: Question, token: string): Promise<Told> {
    if (list === undefined) return this.#ask({ path, token }, leftOut);
    return this.#same(`GET ${path}`, (side) => allPages(side, { path, token }, list), leftOut);
  }

  #ask(asked: Asked, leftOut: readonly RegExp[]): Promise<Told> {
    return this.#same(`${asked.method ?? "GET"} ${asked.path}`, (side) => side.ask(asked), leftOut);
  }

  async #same(what: string, ask: (side: Side) => Promise<Told>, leftOut: readonly RegExp[] = []): Promise<Told> {
    this.asked += 1;
    const [one, other] = [await ask(this.#sides[0]), await ask(this.#sides[1])];
    const [difference] = this.#comparison.differences(one, other, leftOut);
    if (difference !== undefined) this.findings.push(`${what} differs in ${difference}`);
    return one;
  }

  #anyToken(): string {
    return pick([adminToken, readToken, limitedToken], this.#random);
  }
}
