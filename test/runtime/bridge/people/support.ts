import {
  type Kept,
  type OpenPeopleOptions,
  type OrderOutcome,
  openPeople,
  type PersonLibrary,
  type Registration,
  type Seen,
} from "@gatepost/bridge";
import { FaceLibrary, Se3, Site, seeded, systemClock, Tally, type Version } from "@gatepost/simulator";
import { album, atEnd, noFaults } from "../../../unit/simulator/support.ts";

/** A version for each generation of the person interfaces. */
export const versions = [
  ["A", "V2R4"],
  ["B", "V5R6"],
  ["B7", "V5R7"],
  ["C", "V6"],
] as const satisfies readonly (readonly [string, Version])[];

export const look = 512;
/** The face of a stranger who passed, as an event has it. */
export const face = album.picture("face", look, "gate-1 7");
export const otherFace = album.picture("face", 77, "gate-1 8");
export const never = new AbortController().signal;

export const order: Registration = {
  personId: "1566016554.0200000",
  name: "王芳",
  type: "visitor",
  group: "Staff 员工",
  photo: face,
};

/** A simulated box with 5 persons on it, and a bridge's view of its person library. */
export async function boxOf(
  version: Version,
  { file = null, port = 0, ...options }: OpenPeopleOptions & { file?: string | null; port?: number } = {},
) {
  const site = new Site({
    seed: 9,
    box: "gate-1",
    devices: 1,
    strangers: 0,
    actions: 0,
    faults: noFaults(),
    clock: systemClock,
  });
  const library = new FaceLibrary({ people: site.people.slice(0, 5), file, album, random: seeded(4) });
  const watch = new Tally().watch;
  const people = { library, passingOf: (seen: number, device: string | null) => site.passingOf(seen, device) };
  const box = new Se3({ album, version, faults: noFaults(), watch, clock: systemClock, people });
  const served = await box.serve({ host: "127.0.0.1", port });
  atEnd(() => served.close());
  const config = { host: "127.0.0.1", port: served.port, library: "default_group", quality: "high" } as const;
  const open = (changes: OpenPeopleOptions = {}) => openPeople(config, { ...options, ...changes });
  return { box, site, library, served, config, open, people: open() };
}

/** What a spool would remember of one order over all its tries. */
export class Order {
  kept: Kept | null = null;
  began: Seen | null = null;
  left: Seen | null = null;
  tries = 0;

  /** One try, as the bridge makes it, with the state kept so far. */
  attempt(signal: AbortSignal = never) {
    this.tries += 1;
    return {
      kept: this.kept,
      keep: async (kept: Kept) => {
        if (this.kept !== null) throw new Error("kept twice");
        this.#reset(kept);
      },
      unkeep: async () => this.#reset(null),
      began: this.began,
      ...this.#noting(),
      signal,
    };
  }

  /** One try at undoing it. */
  undoing(signal: AbortSignal = never) {
    return { left: this.began === null ? this.left : null, ...this.#noting(), signal };
  }

  #noting() {
    return {
      begin: async (seen: Seen) => {
        this.began = seen;
      },
      end: async (left: Seen | null) => {
        this.began = null;
        this.left = left ?? this.left;
      },
    };
  }

  #reset(kept: Kept | null): void {
    this.kept = kept;
    this.began = null;
    this.left = null;
  }
}

/** Tries an order until it has ended, a new process each time. */
export async function untilEnded(
  open: () => PersonLibrary,
  step: (library: PersonLibrary, order: Order) => Promise<OrderOutcome>,
  order = new Order(),
) {
  for (;;) {
    const outcome = await step(open(), order);
    if (outcome.state !== "later") return { ...outcome, order };
    if (order.tries > 20) throw new Error(`it never ends: ${outcome.reason}`);
  }
}
