import { dayMs, minuteMs, timeIn } from "@gatepost/protocol";

/** Zones differ by whole quarters of an hour, and none is further from UTC than 14 hours. */
const stepMs = 15 * minuteMs;
const maxOffsetMs = 14 * 60 * minuteMs;

const secondsLength = "2026-11-24T08:01:18".length;

/** Reads and writes the times of one terminal, which may have its zone behind them or not. */
export class TerminalClock {
  readonly #offsetMs: number;
  /** ms by which it is behind the bridge's clock, a day at most; 0 if it is not. */
  readonly behindMs: number;

  /** @param shown the time that the terminal shows now, as `2026-11-24T08:01:18+08:00`. Without a zone, the bridge's `now` shows it. */
  constructor(shown: string, now: number) {
    const text = shown.trim();
    const asUtc = timeIn(`${text.slice(0, secondsLength)}Z`);
    const offsetMs = asUtc === null ? 0 : asUtc - (timeIn(text) ?? now);
    const rounded = Math.round(offsetMs / stepMs) * stepMs;
    this.#offsetMs = Math.abs(rounded) > maxOffsetMs ? 0 : rounded;
    this.behindMs = Math.min(Math.max(now - (this.read(text) ?? now), 0), dayMs);
  }

  /** ms since 1970 of a time that the terminal sent; null if the text is no time. */
  read(text: string): number | null {
    return timeIn(text.trim()) ?? timeIn(text.trim() + this.#zone);
  }

  /**
   * A time as the terminal writes it, with its zone: firmware that ignores the zone then reads the same time. Years
   * before 2000 and after 2037 are cut, because a terminal may refuse them.
   */
  write(at: number): string {
    const shown = Math.min(Math.max(at + this.#offsetMs, firstShown), lastShown);
    return new Date(shown).toISOString().slice(0, secondsLength) + this.#zone;
  }

  get #zone(): string {
    const minutes = Math.abs(this.#offsetMs) / minuteMs;
    const two = (number: number) => String(number).padStart(2, "0");
    return `${this.#offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
}

const firstShown = Date.UTC(2000, 0, 1);
const lastShown = Date.UTC(2037, 11, 31, 23, 59, 59);
