import { dayMs } from "@gatepost/protocol";
import { halfHourMs } from "./counted.ts";

/** Days whose offset is remembered. */
const maxKnown = 1000;

/** A time zone of the IANA database: what its clocks show at an instant. */
export class Zone {
  readonly name: string;
  #format: Intl.DateTimeFormat | null = null;
  readonly #ofDays = new Map<number, number>();

  private constructor(name: string) {
    this.name = name;
  }

  static readonly utc = new Zone("UTC");

  /** Null where there is no such zone. */
  static find(name: string): Zone | null {
    try {
      const zone = new Zone(name);
      zone.#platform();
      return zone;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** ms by which clocks are ahead of UTC. */
  offsetAt(time: number): number {
    const day = Math.floor(time / dayMs);
    const offset = this.#ofDay(day);
    // Clocks change at most once a day. The platform is slow, so it is asked only for times on days with a change.
    return offset === this.#ofDay(day + 1) ? offset : this.#ask(time);
  }

  /** What clocks show, as ms since 1970 of a clock that shows UTC. */
  localOf(time: number): number {
    return time + this.offsetAt(time);
  }

  /** The local date that an instant is in, in days since 1970. */
  dayOf(time: number): number {
    return Math.floor(this.localOf(time) / dayMs);
  }

  /**
   * The instant at which a local date begins. That is not always midnight: where clocks are put forward at midnight, the
   * date begins at 1:00, and where they are put back then, after the second time.
   */
  startOfDay(day: number): number {
    const midnight = day * dayMs;
    const offset = this.offsetAt(midnight - this.offsetAt(midnight) - halfHourMs);
    let start = midnight - offset;
    while (this.dayOf(start) < day) start += halfHourMs;
    return start;
  }

  /** An instant with the time that clocks show then, as `2026-11-19T00:00:00+08:00`. */
  text(time: number): string {
    const offset = this.offsetAt(time);
    return `${new Date(time + offset).toISOString().slice(0, 19)}${offsetText(offset)}`;
  }

  #ofDay(day: number): number {
    const known = this.#ofDays.get(day);
    if (known !== undefined) return known;
    const offset = this.#ask(day * dayMs);
    if (this.#ofDays.size === maxKnown) this.#ofDays.clear();
    this.#ofDays.set(day, offset);
    return offset;
  }

  #ask(time: number): number {
    const shown =
      this.#platform()
        .formatToParts(time)
        .find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = 0, minutes = 0, seconds = 0] = /^GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(shown) ?? [];
    const ms = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
    return sign === "-" ? -ms : ms;
  }

  /** The first one of a process takes a while, and most commands never ask. */
  #platform(): Intl.DateTimeFormat {
    this.#format ??= new Intl.DateTimeFormat("en-US", { timeZone: this.name, timeZoneName: "longOffset" });
    return this.#format;
  }
}

function offsetText(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60_000);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}
