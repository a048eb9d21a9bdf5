import { type Break, dayNumber, dayText, type Schedule, shiftFault } from "@gatepost/core/hours";
import { dayMs, minuteMs } from "@gatepost/protocol";
import { seeded } from "./seeded.ts";

/** A passing of a person, by UTC. */
export interface RandomPassing {
  person: string;
  at: number;
  group: string | null;
  direction: "in" | "out" | null;
}

const ways = { in: "192.168.1.72", out: "192.168.1.71" };

/** A report of the devices of a box: a way in and a way out. */
export const waysReport = {
  devSno: "SNO1",
  deviceList: [
    { epId: ways.in, epIp: ways.in, direction: 0 },
    { epId: ways.out, epIp: ways.out, direction: 1 },
  ],
};

/** The members of a report by which its device has a direction. */
export function wayOf(direction: RandomPassing["direction"]): Record<string, string> {
  return direction === null ? {} : { device_ip: ways[direction], ep_id: ways[direction] };
}

const groups = ["day", "night", "guards", null];

/** Random shifts of random groups, a third of 24 hours, and people who change their groups and stay away for days. Equal seeds give equal ones. */
export class RandomShifts {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  pick<One>(among: readonly One[]): One {
    return among[this.below(among.length)] as One;
  }

  /** Schedules that can be counted; some with several versions, and some of the same group on other weekdays. */
  schedules(count: number, validFrom: string): Schedule[] {
    return Array.from({ length: count }, (_, n) => this.#schedule(n, validFrom));
  }

  #schedule(n: number, firstDay: string): Schedule {
    for (;;) {
      const start = this.#hour();
      const end = this.below(3) === 0 ? start : this.#hour();
      const around = (hour: number): [string, string] => [
        clockOf(hour - 1 - this.below(4)),
        clockOf(hour + 1 + this.below(4)),
      ];
      const schedule: Schedule = {
        id: `sch_${this.pick(["a", "b", "c"])}${n % 3}`,
        name: `${this.below(9)}`,
        start: clockOf(start),
        end: clockOf(end),
        lateAfter: this.below(20),
        earlyBefore: this.below(20),
        groups: [this.pick(["day", "night"]), this.pick(["day", "night", "guards"])],
        weekdays: this.below(3) === 0 ? [1, 2, 3, 4, 5, 6, 7] : [1, 2, 3, 4, 5].filter(() => this.below(3) > 0),
        inWindow: around(start),
        outWindow: around(end),
        breaks: this.#breaks(start),
        night: this.pick([null, { from: "22:00", to: "06:00" }]),
        openDays: this.pick(["stay", "end"] as const),
        validFrom: this.below(3) === 0 ? dayText(dayNumber(firstDay) + this.below(30)) : "2026-01-01",
      };
      if (schedule.weekdays.length > 0 && shiftFault(schedule) === null) return schedule;
    }
  }

  /** The schedules of some days of a person, also removed ones, and free days. */
  roster(schedules: readonly Schedule[], { from, to }: { from: number; to: number }): Map<string, string | null> {
    const ids = [null, "sch_removed", ...schedules.map(({ id }) => id)];
    const days = Array.from({ length: to - from + 1 }, (_, n) => dayText(from + n));
    return new Map(days.filter(() => this.below(3) > 0).map((day) => [day, this.pick(ids)]));
  }

  #breaks(start: number): Break[] {
    const from = start + this.below(6);
    const fixed = { from: clockOf(from), to: clockOf(from + 1) };
    return [fixed, { minutes: 1 + this.below(60), after: 60 * this.below(10) }].filter(() => this.below(2) === 0);
  }

  #hour(): number {
    return this.pick([0, 6, 8, 8, 14, 20, 22]);
  }

  /** The passings of a person within some days. Some pass once a day for weeks: each day then depends on the one before. */
  passings(person: string, { from, to }: { from: number; to: number }): RandomPassing[] {
    const isSteady = this.below(3) === 0;
    const isOneOf = (days: number) => this.below(isSteady ? 60 : days) === 0;
    const found: RandomPassing[] = [];
    let group = this.pick(groups);
    for (let day = from; day <= to; day++) {
      if (isOneOf(8)) group = this.pick(groups);
      if (isOneOf(4)) day += this.below(4);
      for (const minute of isSteady ? [465 + this.below(30)] : this.#minutes()) {
        const direction = isSteady ? null : this.pick(["in", "out", null, null] as const);
        found.push({ person, at: day * dayMs + minute * minuteMs, group, direction });
      }
    }
    return found.filter(({ at }) => at >= from * dayMs && at < (to + 1) * dayMs);
  }

  /** Up to four minutes of a day. */
  #minutes(): number[] {
    return Array.from({ length: this.below(5) }, () => 60 * this.#hour() + this.below(90) - 45);
  }
}

function clockOf(hour: number): string {
  return `${String((hour + 48) % 24).padStart(2, "0")}:00`;
}
