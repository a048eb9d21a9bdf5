import * as z from "zod";

export const services = ["dynamo", "s3", "bus"] as const;
export type Service = (typeof services)[number];

/** A fault of a service for a while. `late`: a request is applied after its sender has given it up. */
export const faults = ["slow", "refuses", "loses-request", "loses-answer", "late"] as const;

export const otherKinds = [
  /** Pages come short, and some rows of a batch are not read. */
  "dynamo-partial",
  /** Indexes are behind, by up to the `lagMs` of the case. */
  "dynamo-lag",
  /** The same for events and the heartbeats of their feed only. */
  "events-lag",
  /** The bus takes some entries of a call, and refuses others. */
  "bus-partial",
  /** A request of the bridge, or its answer, does not arrive. */
  "uplink-loses-request",
  "uplink-loses-answer",
] as const;

const kind = z.union([z.templateLiteral([z.enum(services), "-", z.enum(faults)]), z.enum(otherKinds)]);

export type TroubleKind = z.output<typeof kind>;

/** Something goes wrong from one time to another, ms since the beginning, so often (0 to 1). */
const disturbance = z.object({ kind, from: z.number(), until: z.number(), strength: z.number() });

/** From a time on, a process ends at one of its next calls: before it is sent, or when the service has just done it. */
const crash = z.object({
  kind: z.literal("crash"),
  from: z.number(),
  slot: z.string(),
  calls: z.int(),
  isAfter: z.boolean(),
});

export const troubleSchema = z.union([crash, disturbance]);

export type Trouble = z.output<typeof troubleSchema>;
export type Disturbance = z.output<typeof disturbance>;

/** The troubles of a run, as they are at the time of asking. */
export class Troubles {
  readonly #all: readonly Disturbance[];
  readonly #elapsed: () => number;

  constructor(all: readonly Trouble[], elapsed: () => number) {
    this.#all = all.filter((trouble) => trouble.kind !== "crash");
    this.#elapsed = elapsed;
  }

  strength(kind: TroubleKind): number {
    const now = this.#elapsed();
    let strength = 0;
    for (const trouble of this.#all) {
      if (trouble.kind === kind && trouble.from <= now && now < trouble.until) {
        strength = Math.max(strength, trouble.strength);
      }
    }
    return strength;
  }
}
