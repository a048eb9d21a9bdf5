/** Why the titles of a table are no days of a month, or not of people. */
export type TitleFault = "none" | "no-id" | "other-month" | "unclear" | "twice";

/** The order of the numbers of a day. */
const orders = ["ymd", "dmy", "mdy"] as const;

/** The day that a title is in each order, as `2026-11-02`; null if it is none. */
type Readings = Record<(typeof orders)[number], string | null>;

/** Years with two digits are near the year of the roster. */
const nearYears = 1;

/**
 * The days that are the titles of columns, by the places of these, as spreadsheets write them: `2026-11-02`,
 * `02.11.2026`, `11/2/2026`, `2.11.26`, `2-Nov`, `2026年11月2日`, also with a weekday or midnight. Day and month are in one
 * order in all of them: the only one in which all are days, or else the only one in which all are of the month. Days of
 * other months are left out if there is one of this. Without a year they are of the year of the roster.
 *
 * @param month as `2026-11`
 */
export function daysOfTitles(titles: readonly string[], month: string): Map<number, string> | TitleFault {
  const dated = titles.flatMap((title, at) => {
    const readings = readingsOf(plain(title), Number(month.slice(0, 4)));
    return readings === null ? [] : [{ at, readings }];
  });
  if (dated.length === 0) return "none";
  const possible = new Map<string, string[]>();
  for (const order of orders) {
    const days = dated.flatMap(({ readings }) => readings[order] ?? []);
    if (days.length === dated.length) possible.set(days.join(), days);
  }
  const all = [...possible.values()];
  if (all.length > 0 && all.every((some) => !some.some((day) => day.startsWith(month)))) return "other-month";
  const [days, other] = all.length === 1 ? all : all.filter((some) => some.every((day) => day.startsWith(month)));
  if (days === undefined || other !== undefined) return "unclear";
  const ofMonth = dated.flatMap(({ at }, n) => {
    const day = days[n] ?? "";
    return day.startsWith(month) ? [[at, day] as const] : [];
  });
  if (ofMonth.length === 0) return "other-month";
  return new Set(ofMonth.map(([, day]) => day)).size < ofMonth.length ? "twice" : new Map(ofMonth);
}

const plain = (title: string) =>
  title
    .normalize("NFKC")
    .trim()
    .replace(/(?:T|\s)(?:0?0:00(?::00)?|12:00(?::00)? AM)$/i, "");

const yearFirst = /^\D*(\d{4})\s?[-./年]\s?(\d{1,2})\s?[-./月]\s?(\d{1,2})\D*$/;
const yearLast = /^\D*(\d{1,2})([-./])\s?(\d{1,2})\2\s?(\d{4}|\d\d?)\D*$/;
const noYear = /^\D*(\d{1,2})(?:月(\d{1,2})日|\.\s?(\d{1,2})\.|\/(\d{1,2}))\D*$/;

/** Null for a title that is no day in any order. */
function readingsOf(title: string, year: number): Readings | null {
  const readings = withYear(title, year) ?? withoutYear(title, year) ?? withName(title, year);
  return readings !== null && orders.some((order) => readings[order] !== null) ? readings : null;
}

function withYear(title: string, near: number): Readings | null {
  const [, year, month, day] = yearFirst.exec(title) ?? [];
  if (year !== undefined) return inEachOrder(dayOf(year, month, day));
  const [, first, by, second, last] = yearLast.exec(title) ?? [];
  if (last === undefined) return null;
  const full = last.length === 2 ? `20${last}` : last;
  const isYearFirst = last.length <= 2 && Math.abs(Number(`20${first}`) - near) <= nearYears;
  return {
    ymd: isYearFirst ? dayOf(`20${first}`, second, last) : null,
    dmy: dayOf(full, second, first),
    mdy: by === "." ? null : dayOf(full, first, second),
  };
}

function withoutYear(title: string, of: number): Readings | null {
  const [, first, chinese, dotted, slashed] = noYear.exec(title) ?? [];
  const year = `${of}`;
  if (chinese !== undefined) return inEachOrder(dayOf(year, first, chinese));
  if (dotted !== undefined) return { ymd: null, dmy: dayOf(year, dotted, first), mdy: null };
  if (slashed === undefined) return null;
  const monthFirst = dayOf(year, first, slashed);
  return { ymd: monthFirst, dmy: dayOf(year, slashed, first), mdy: monthFirst };
}

/** The numbers of a title, and the names of months in it. */
const numberOrName =
  /\d+|(?<!\p{L})(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?!\p{L})/giu;

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** A title with the name of a month, as `2-Nov`, `02 November 2026` or `Nov 2`. */
function withName(title: string, of: number): Readings | null {
  const parts = title.match(numberOrName) ?? [];
  const name = parts.findIndex((part) => !/^\d/.test(part));
  const month = `${monthNames.indexOf(parts[name]?.slice(0, 3).toLowerCase() ?? "") + 1}`;
  const numbers = parts.toSpliced(name, 1);
  const isYearFirst = name === 1 && /^\d{4}$/.test(numbers[0] ?? "");
  const [day = "", year = `${of}`, more] = isYearFirst ? numbers.toReversed() : numbers;
  if (name < 0 || name > 1 || more !== undefined || day.length > 2 || !/^(?:\d\d){1,2}$/.test(year)) return null;
  return inEachOrder(dayOf(year.length === 2 ? `20${year}` : year, month, day));
}

const inEachOrder = (day: string | null): Readings => ({ ymd: day, dmy: day, mdy: day });

/** Null if there is no such day. */
function dayOf(year = "", month = "", day = ""): string | null {
  const text = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : null;
}
