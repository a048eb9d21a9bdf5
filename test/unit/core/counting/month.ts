import { seeded } from "../../../support/seeded.ts";
import { dateAfter, type Plan, type Told } from "./oracle.ts";

/** A person of the simulated site. */
export interface Worker {
  id: string;
  group: string;
  /** `gate` and `side` share their people; `depot` does not, and has other people with the same ids. */
  boxes: readonly ("gate" | "side" | "depot")[];
}

export interface Month {
  zone: string;
  firstDay: string;
  days: number;
  workers: Worker[];
  plans: Plan[];
  holidays: string[];
  workWeek: number[];
  told: Told[];
}

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** The devices: a way in, a way out, one of both ways, one that does not count, an ignored one, and one that is not set. */
const devices = {
  in: { set: { direction: "in", counts: true }, said: null },
  out: { set: { direction: "out", counts: true }, said: "in" },
  both: { set: { direction: "both", counts: true }, said: "in" },
  uncounted: { set: { direction: "in", counts: false }, said: "in" },
  ignored: { set: { direction: "ignore", counts: true }, said: "in" },
  saidIn: { set: null, said: "in" },
  saidOut: { set: { direction: null, counts: true }, said: "out" },
  unset: { set: null, said: null },
} as const;

type Device = keyof typeof devices;
const all = Object.keys(devices) as Device[];

const groups = ["office", "night", "early", "double", "guards", "none"];

/** When people of a group come (hours of the day), and for how many hours. */
const shifts: Record<string, [startsAt: number, hours: number]> = { night: [22, 8], early: [0.5, 8], guards: [8, 24] };

/** Thirty days of fifteen people: night and 24-hour shifts, missing ways out, wrong clocks, ids that two libraries have. */
export function monthOf(seed: number, { zone, firstDay }: { zone: string; firstDay: string }): Month {
  const workers = Array.from({ length: 15 }, (_, n): Worker => {
    const group = groups[n % groups.length] ?? "";
    return n < 12 ? { id: `${n}`, group, boxes: ["gate", "side"] } : { id: `${n - 12}`, group, boxes: ["depot"] };
  });
  return {
    zone,
    firstDay,
    days: 30,
    workers,
    told: new Passings(seed).of(workers, firstDay),
    plans: plansFrom(firstDay),
    holidays: [dateAfter(firstDay, 8)],
    workWeek: [1, 2, 3, 4, 5],
  };
}

/** Makes the passings of people. */
class Passings {
  readonly #random: () => number;
  readonly #told: Told[] = [];

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  of(workers: readonly Worker[], firstDay: string): Told[] {
    for (const worker of workers) {
      for (let n = -2; n < 32; n++)
        if (!this.#chance(0.15)) this.#addDay(worker, Date.parse(dateAfter(firstDay, n)) - hour);
    }
    return this.#told;
  }

  #addDay(worker: Worker, midnight: number): void {
    const [startsAt, hours] = shifts[worker.group] ?? [9, 8];
    const start = midnight + startsAt * hour;
    this.#add(worker, start + this.#between(-40, 90) * minute + this.#between(0, minute), ["in", "saidIn", "unset"]);
    if (!this.#chance(0.15)) {
      this.#add(worker, start + hours * hour + this.#between(-90, 90) * minute, ["out", "saidOut", "unset"]);
    }
    for (let more = this.#between(0, 4); more > 0; more--) this.#add(worker, midnight + this.#between(0, day));
  }

  /** Adds a passing, and sometimes another one in the same ms. */
  #add(worker: Worker, time: number, among: readonly Device[] = all): void {
    this.#told.push(this.#passing(worker, time, this.#chance(0.8) ? among : all));
    if (this.#chance(0.12)) this.#told.push(this.#passing(worker, time, all));
  }

  #passing(worker: Worker, time: number, among: readonly Device[]): Told {
    // Received a moment later, hours later, or before the time that a clock ahead has sent.
    const late = this.#chance(0.1) ? this.#between(0, 3 * day) : 400;
    const receivedAt = this.#chance(0.08) ? time - this.#between(0, 3 * hour) : time + late;
    return {
      id: `evt_${this.#told.length}`,
      box: this.#pick(worker.boxes),
      person: worker.id,
      type: "employee",
      time,
      receivedAt,
      flags: this.#chance(0.02) ? ["clock"] : [],
      isDenied: this.#chance(0.03),
      own: this.#chance(0.05) ? this.#pick(["in", "out"] as const) : null,
      ...devices[this.#pick(among)],
    };
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #between(from: number, to: number): number {
    return Math.floor(from + this.#random() * (to - from));
  }

  #pick<One>(among: readonly One[]): One {
    return among[this.#between(0, among.length)] as One;
  }
}

function plansFrom(firstDay: string): Plan[] {
  const office: Plan = {
    id: "sch_office",
    name: "Office",
    groups: ["office", "double"],
    start: "09:00",
    end: "18:00",
    lateAfter: 10,
    earlyBefore: 5,
    weekdays: [1, 2, 3, 4, 5],
    inWindow: ["05:00", "12:00"],
    outWindow: ["12:00", "05:00"],
    breaks: [
      { from: "12:00", to: "13:00" },
      { minutes: 30, after: 420 },
    ],
    validFrom: dateAfter(firstDay, -20),
  };
  const night: Plan = {
    id: "sch_night",
    name: "Night shift",
    groups: ["night", "double"],
    start: "22:00",
    end: "06:00",
    lateAfter: 0,
    earlyBefore: 0,
    weekdays: [1, 2, 3, 4, 7],
    inWindow: ["18:00", "02:00"],
    outWindow: ["02:00", "12:00"],
    openDays: "end",
    night: { from: "22:30", to: "05:00" },
    breaks: [{ from: "02:00", to: "02:45" }],
    validFrom: dateAfter(firstDay, -20),
  };
  const early: Plan = {
    id: "sch_early",
    name: "Early",
    groups: ["early"],
    start: "00:30",
    end: "08:30",
    lateAfter: 15,
    earlyBefore: 15,
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    inWindow: ["22:00", "04:00"],
    outWindow: ["04:00", "14:00"],
    breaks: [],
    validFrom: dateAfter(firstDay, 5),
  };
  const guards: Plan = {
    ...night,
    id: "sch_guards",
    name: "Guards",
    groups: ["guards"],
    start: "08:00",
    end: "08:00",
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    breaks: [
      { from: "23:45", to: "00:15" },
      { from: "12:00", to: "12:30" },
      { minutes: 45, after: 960 },
    ],
    inWindow: ["06:00", "10:00"],
    outWindow: ["06:00", "10:00"],
  };
  return [
    office,
    guards,
    { ...office, start: "08:00", end: "16:30", validFrom: dateAfter(firstDay, 15) },
    night,
    early,
  ];
}
