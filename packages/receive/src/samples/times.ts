import { dayMs, minuteMs } from "@gatepost/protocol";
import type { BodyValue } from "./pieces.ts";

/** The layouts of times in texts, for an expression with the flag `v`. */
const day = String.raw`(?<y>(?:19|20)\d\d)(?<s>[\-\/.年])(?<m>\d\d?)[\-\/.月](?<d>\d\d?)日?`;
const dayLast = String.raw`(?<a>\d\d?)(?<t>[\-\/.])(?<b>\d\d?)\k<t>(?<z>(?:19|20)\d\d)`;
const clock = String.raw`(?:T|[ ,]{1,2})(?<h>\d\d?)[:时](?<i>[0-5]\d)(?:[:分][0-5]\d)?(?:[.,]\d{1,9})?[分秒]?(?: ?(?<p>[AaPp])[Mm])?`;
const zone = String.raw`(?:Z| ?(?:UTC|GMT)? ?[+\-]\d\d:?\d\d)?`;
const dense = String.raw`(?<cy>(?:19|20)\d\d)(?<cm>\d\d)(?<cd>\d\d)T?(?<ch>[01]\d|2[0-3])(?<ci>[0-5]\d)(?:[0-5]\d)?(?:\d{3})?`;
const hours = String.raw`(?<th>[01]?\d|2[0-3]):(?<ti>[0-5]\d)(?::[0-5]\d(?:\.\d{1,6})?)?`;

/** A time within a text. */
export const timeInText = String.raw`(?<time>(?<![\d])(?:${day}|${dayLast})(?:${clock}${zone})?(?!\d)|(?<!\d)${dense}(?!\d)|(?<![\d:.])${hours}(?![\d:]))`;

const one = new RegExp(`^${timeInText}$`, "du");

/** Days before and after its receipt within which a number under any name is a time. */
const near = { before: 400, after: 2 };

const ofTimes = /time|date|stamp|utc|when|birth|expir|begin|start|(?:^|_)(?:ts|at|end)$|[a-z](?:At|End|Day|Ts)$/i;

const firstDate = Date.UTC(2002, 6);
const lastDate = Date.UTC(2100, 0);

/** Characters of a time in digits: days, seconds, milliseconds, microseconds and nanoseconds. */
const digitsPerSecond = new Map([
  [10, 0],
  [13, 3],
  [16, 6],
  [19, 9],
]);

/** Moves all times of a body by the same days and minutes into the past. */
export class Times {
  readonly #days: number;
  readonly #minutes: number;
  /** Numbers that are times by their names or values. The same number is a time everywhere. */
  readonly #numbers = new Set<string>();
  readonly #isDayFirst: boolean;

  constructor(values: readonly BodyValue[], receivedAt: number, random: (below: number) => number) {
    this.#days = 1 + random(298);
    this.#minutes = 1 + random(1438);
    for (const { text, name } of values) {
      const digits = /^(\d{8,19})(?:\.\d{1,9})?$/.exec(text)?.[1];
      if (digits !== undefined && isTime(digits, name, receivedAt)) this.#numbers.add(digits);
    }
    this.#isDayFirst = values.some(({ text }) => /(?<!\d)(?:1[3-9]|2\d|3[01])\/\d\d?\/(?:19|20)\d\d/.test(text));
  }

  /** A number that is a time, moved; null if it is none. */
  number(digits: string): string | null {
    if (!this.#numbers.has(digits)) return null;
    const zeros = digitsPerSecond.get(digits.length);
    if (zeros === undefined) return this.text(withDashes(digits))?.replaceAll("-", "") ?? null;
    const seconds = BigInt(this.#days) * 86_400n + BigInt(this.#minutes) * 60n;
    return `${BigInt(digits) - seconds * 10n ** BigInt(zeros)}`;
  }

  /** A time in a text, moved in its layout; null if there is no such time, or it needs more digits. */
  text(text: string): string | null {
    const match = one.exec(text);
    if (match === null) return null;
    const { groups = {}, indices } = match;
    const names = layoutOf(groups, this.#isDayFirst);
    const isTimed = groups[names[3]] !== undefined;
    const sent = timeOf(groups, names);
    if (sent === null) return null;
    const moved = new Date(sent - this.#days * dayMs - (isTimed ? this.#minutes * minuteMs : 0));
    const { p: half } = groups;
    const hour = moved.getUTCHours();
    const letter = hour < 12 ? "A" : "P";
    const fields: Record<string, string> = {
      [names[0]]: `${moved.getUTCFullYear()}`,
      [names[1]]: `${moved.getUTCMonth() + 1}`,
      [names[2]]: `${moved.getUTCDate()}`,
      [names[3]]: `${half === undefined ? hour : ((hour + 11) % 12) + 1}`,
      [names[4]]: `${moved.getUTCMinutes()}`,
      p: half === half?.toLowerCase() ? letter.toLowerCase() : letter,
    };
    let written = text;
    for (const [name, field] of Object.entries(fields)) {
      const [from, to] = indices?.groups?.[name] ?? [0, 0];
      written = written.slice(0, from) + (to > from ? field.padStart(to - from, "0") : "") + written.slice(to);
    }
    return written.length === text.length ? written : null;
  }
}

type Groups = Readonly<Record<string, string | undefined>>;
type Layout = readonly [year: string, month: string, day: string, hour: string, minute: string];

/** The groups of an expression that have the parts of a time. */
function layoutOf(groups: Groups, isDayFirst: boolean): Layout {
  if (groups["cy"] !== undefined) return ["cy", "cm", "cd", "ch", "ci"];
  if (groups["y"] !== undefined) return ["y", "m", "d", "h", "i"];
  if (groups["z"] === undefined) return ["", "", "", "th", "ti"];
  const isFirst = isDayFirst || groups["t"] !== "/" || Number(groups["a"]) > 12;
  return isFirst ? ["z", "b", "a", "h", "i"] : ["z", "a", "b", "h", "i"];
}

/** ms since 1970 on a clock that shows UTC; null if there is no such time. Without a day it is of any day. */
function timeOf(groups: Groups, names: Layout): number | null {
  const [year, month, date, hour, minute] = names.map((name) => groups[name]);
  const { p: half } = groups;
  const of24 = half === undefined ? Number(hour ?? 0) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  const time = Date.UTC(Number(year ?? 2000), Number(month ?? 1) - 1, Number(date ?? 1), of24, Number(minute ?? 0));
  return of24 < 24 && new Date(time).getUTCMonth() === Number(month ?? 1) - 1 ? time : null;
}

function isTime(digits: string, name: string, receivedAt: number): boolean {
  const zeros = digitsPerSecond.get(digits.length);
  const day = digits.length === 8 ? Date.parse(withDashes(digits)) : Number.NaN;
  const at = zeros === undefined ? day : Number(digits) / 10 ** (zeros - 3);
  const isNear = at > receivedAt - near.before * dayMs && at < receivedAt + near.after * dayMs;
  return isNear || (ofTimes.test(name) && at > firstDate && at < lastDate);
}

const withDashes = (digits: string) => digits.replace(/(....)(..)(..)/, "$1-$2-$3");
