import { dayMs, minuteMs } from "@gatepost/protocol";

export const halfHourMs = 30 * minuteMs;

/** Days whose offset is remembered. */
const maxKnown = 1000;

/** A time zone of the IANA database: the time on its clocks at an instant. */
export class Zone {
  readonly name: string;
  #format: Intl.DateTimeFormat | null = null;
  readonly #ofDays = new Map<number, number>();

  private constructor(name: string) {
    this.name = name;
  }

  static readonly utc = new Zone("UTC");

  /** Null if there is no such zone. */
  static find(name: string): Zone | null {
    if (name === Zone.utc.name) return Zone.utc;
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

  /** The time on the clocks, as ms since 1970 of a clock that shows UTC. */
  localOf(time: number): number {
    return time + this.offsetAt(time);
  }

  /** The local date that an instant is in, in days since 1970. */
  dayOf(time: number): number {
    return Math.floor(this.localOf(time) / dayMs);
  }

  /**
   * The instant at which a local date begins. That is not always midnight: if clocks are put forward at midnight, the
   * date begins at 1:00, and if they are put back then, after the second time. A date that is skipped, as 30 December
   * 2011 in Samoa, begins with the next one.
   */
  startOfDay(day: number): number {
    const midnight = day * dayMs;
    let start = midnight - Math.max(this.offsetAt(midnight - dayMs), this.offsetAt(midnight + dayMs));
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

/** The two likely zones of each ambiguous abbreviation. The platform would take one of them, or a third, in silence. */
const ambiguous: Record<string, readonly [string, string]> = {
  ACT: ["Australia/Darwin", "America/Rio_Branco"],
  ADT: ["America/Halifax", "Asia/Baghdad"],
  AMT: ["America/Manaus", "Asia/Yerevan"],
  ART: ["America/Argentina/Buenos_Aires", "Africa/Cairo"],
  AST: ["America/Halifax", "Asia/Riyadh"],
  BST: ["Europe/London", "Asia/Dhaka"],
  CAT: ["Africa/Maputo", "America/Anchorage"],
  CDT: ["America/Chicago", "America/Havana"],
  CST: ["Asia/Shanghai", "America/Chicago"],
  ECT: ["America/Guayaquil", "Europe/Paris"],
  EDT: ["America/New_York", "Australia/Sydney"],
  EST: ["America/New_York", "Australia/Sydney"],
  GST: ["Asia/Dubai", "Pacific/Guam"],
  IST: ["Asia/Kolkata", "Asia/Jerusalem"],
  MST: ["America/Denver", "Asia/Kuala_Lumpur"],
  NST: ["America/St_Johns", "Pacific/Auckland"],
  PST: ["America/Los_Angeles", "Asia/Manila"],
  SST: ["Asia/Singapore", "Pacific/Pago_Pago"],
  WST: ["Australia/Perth", "Pacific/Apia"],
};

/** Names of three letters that mean one zone. The platform knows others, each for one of several meanings. */
const plain = new Set(["CET", "EET", "GMT", "HST", "JST", "MET", "PRC", "ROC", "ROK", "UCT", "UTC", "WET"]);

/** A city without summer time at each offset, by hours ahead of UTC. */
const cities: Record<string, string> = {
  "-10": "Pacific/Honolulu",
  "-7": "America/Phoenix",
  "-6": "America/Mexico_City",
  "-5": "America/Bogota",
  "-4": "America/Caracas",
  "-3": "America/Sao_Paulo",
  "1": "Africa/Lagos",
  "2": "Africa/Johannesburg",
  "3": "Europe/Moscow",
  "4": "Asia/Dubai",
  "5": "Asia/Karachi",
  "6": "Asia/Dhaka",
  "7": "Asia/Bangkok",
  "8": "Asia/Shanghai",
  "9": "Asia/Tokyo",
  "10": "Australia/Brisbane",
};

const usual = "must be a time zone as Asia/Shanghai";

/** Why a name that a person gives is not taken as a time zone, in words; null if it is one. */
export function zoneFault(name: string): string | null {
  const sought = name.toUpperCase();
  const [first, second] = ambiguous[sought] ?? [];
  if (first !== undefined) return `${sought} is the name of several time zones: write ${first} or ${second}`;
  const isTaken = (sought.length !== 3 || plain.has(sought)) && Zone.find(name) !== null;
  return isTaken ? null : offsetFault(name);
}

/** `Etc/GMT-8` is ahead of UTC by 8 hours: there the sign is the other way round. */
function offsetFault(name: string): string {
  // A plus that was not escaped in an address arrives as a blank.
  const [, sign, digits] = /^(?:UTC|GMT)([-+ ])0?(\d{1,2})(?::?00)?$/i.exec(name) ?? [];
  const hours = Number(digits) * (sign === "-" ? -1 : 1);
  const offset = `Etc/GMT${hours < 0 ? "+" : "-"}${Math.abs(hours)}`;
  if (digits === undefined || hours === 0 || Zone.find(offset) === null) return usual;
  const named = [cities[hours], offset].filter((one) => one !== undefined).join(" or ");
  return `must be a time zone: write ${named} for this offset`;
}

/**
 * The zone of this machine. If `TZ` is not the name of a zone, as `CST-8`, `EST` or an empty text, it is the present
 * offset from UTC, as `+08:00`.
 */
export function machineZone(): Zone {
  const name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    (name === undefined || zoneFault(name) !== null ? null : Zone.find(name)) ?? Zone.find(offsetNow()) ?? Zone.utc
  );
}

function offsetNow(): string {
  const ahead = -new Date().getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  const digits = [hours, minutes].map((number) => String(number).padStart(2, "0")).join(":");
  return ahead === 0 ? "UTC" : `${ahead < 0 ? "-" : "+"}${digits}`;
}
