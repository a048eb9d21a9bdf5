import type { Random } from "@gatepost/simulator";
import { pick, whole } from "../../packages/simulator/src/random.ts";
import { fixture, fixtures } from "../../test/support/fixtures.ts";
import type { ReportSpec } from "../simulation/case/case.ts";
import { boxes } from "../simulation/case/keys.ts";
import { bodyOf } from "../simulation/case/reports.ts";

export const people = ["p1", "p2", "007", "李"] as const;

const kinds = ["realtime", "history", "pass-record"] as const;
const routes = ["HistoryEvent", "AsyncEvent", "some/other", ""] as const;
const garbage = ["", "garbage", "[]", "{}", '{"a":1}', '"text"', "\u0000"] as const;

export interface Posted {
  box: string;
  route: string;
  body: string;
}

/** Draws the requests of boxes. */
export class Reports {
  readonly #random: Random;
  readonly #start: number;
  /** Whether no report is repeated: on AWS a repeat is no sign of life of its box. */
  readonly #isFresh: boolean;
  readonly #sent: Posted[] = [];
  #made = 0;

  constructor(random: Random, { start, isFresh }: { start: number; isFresh: boolean }) {
    this.#random = random;
    this.#start = start;
    this.#isFresh = isFresh;
  }

  next(): Posted {
    const random = this.#random;
    const [again] = this.#sent.slice(whole(0, this.#sent.length + 1, random));
    if (!this.#isFresh && again !== undefined && random() < 0.2) return again;
    const posted = { box: pick(boxes, random), route: pick(routes, random), body: this.#body() };
    this.#sent.push(posted);
    return posted;
  }

  #body(): string {
    const random = this.#random;
    const chance = random();
    this.#made += 1;
    if (chance < 0.1) return this.#isFresh ? `garbage ${this.#made}` : pick(garbage, random);
    if (chance < 0.3 && !this.#isFresh) return this.#documented();
    const reports = Array.from({ length: random() < 0.8 ? 1 : whole(2, 6, random) }, () => this.#report());
    const body = JSON.stringify(reports.length === 1 ? reports[0] : reports);
    return random() < 0.05 ? body.slice(0, whole(body.length >> 1, body.length, random)) : body;
  }

  /** A body of the documents, some with a member less. */
  #documented(): string {
    const [dialect, name] = pick(fixtures() as [[string, string]], this.#random);
    const members = Object.entries(fixture(dialect, name));
    if (this.#random() < 0.5) members.splice(whole(0, members.length, this.#random), 1);
    return JSON.stringify(Object.fromEntries(members));
  }

  #report() {
    const random = this.#random;
    this.#made += 1;
    const passing = this.#isFresh ? this.#made : whole(0, 20, random);
    const isStranger = random() < 0.3;
    const spec: ReportSpec = {
      passing,
      box: pick(boxes, random),
      kind: pick(kinds, random),
      isStranger,
      person: pick(people, random),
      face: whole(0, 2, random),
      extras: random() < 0.3 ? ["note"] : [],
      name: pick(["王芳", "Zoë", ""], random),
      pictures: (["registered", "scene"] as const).filter(() => random() < 0.5),
      want: pick(["0", "1001", "1002"], random),
      isFit: random() < 0.7,
      isBroken: random() < 0.15,
    };
    return bodyOf(spec, this.#start);
  }
}
