import { hash } from "node:crypto";
import type { Random } from "../../packages/simulator/src/random.ts";
import { jpeg } from "../../test/support/pictures.ts";
import { history, realtime, stranger } from "../../test/support/reports.ts";
import type { Claim } from "./claims.ts";

/** One person at a box: the reports, and the promise of an answer to each. */
export interface Passing {
  person: string;
  history: string;
  realtime: string;
  claims: { history: Claim; realtime: Claim };
  /** Texts that only its stored data contains. */
  traces: string[];
}

/** Makes passings with different texts and bytes. */
export class Passings {
  readonly #random: Random;
  readonly #name: string;
  #count = 0;

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#random = random;
  }

  /** @param shared a picture that other passings have, too */
  next({ at = Date.now(), wantAction = "0", isStranger = false, shared, isLong = false }: Asked = {}): Passing {
    this.#count += 1;
    const mark = `${this.#name}-${this.#count}-${Math.floor(this.#random() * 1e9)}`;
    const person = isStranger ? `stranger-${mark}` : `person-${mark}`;
    const face = this.#picture(`face of ${mark}`, 6000);
    const scene = shared ?? this.#picture(`scene of ${mark}`, 9000);
    const time = { timestamp: at + this.#count * 10, identity_id: person, identity_name: `name of ${mark}` };
    // Over 8 KB: it is cut in the event, and the report is kept whole in quarantine.
    const remark = isLong ? { remark: `remark of ${mark} `.repeat(600) } : {};
    const make = isStranger ? stranger : history;
    const pictures = { recognize_face: face.toString("base64"), spot_pic: scene.toString("base64") };
    const early = { spot_pic: scene.toString("base64") };
    const common = { kind: "passing", person } as const;
    return {
      person,
      history: JSON.stringify(make({ ...time, ...remark, want_action: wantAction }, pictures)),
      realtime: JSON.stringify(realtime(time, early)),
      claims: {
        history: {
          ...common,
          report: "history",
          pictures: { face: hash("sha256", face), scene: hash("sha256", scene) },
          wantAction: wantAction === "0" ? null : wantAction,
        },
        realtime: { ...common, report: "realtime", pictures: { scene: hash("sha256", scene) }, wantAction: null },
      },
      traces: shared === undefined ? [mark] : [mark, `name of ${mark}`],
    };
  }

  /** A picture with a text in every sector of it, of up to so many bytes. */
  #picture(text: string, most: number): Buffer {
    const repeats = Math.ceil((500 + this.#random() * most) / (text.length + 1));
    return Buffer.concat([jpeg(text), Buffer.from(`${text}|`.repeat(repeats))]);
  }

  picture(text: string): Buffer {
    return this.#picture(`${text} of ${this.#name}`, 9000);
  }
}

interface Asked {
  at?: number;
  wantAction?: "0" | "1001" | "1002";
  isStranger?: boolean;
  shared?: Buffer;
  /** Whether it has a text that is too long for an event. */
  isLong?: boolean;
}
