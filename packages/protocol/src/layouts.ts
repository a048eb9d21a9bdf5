import { dayMs, hourMs } from "./durations.ts";

/** The layouts of times without a zone that a mapping can name. `hh` and `A` are of a clock of twelve hours. */
export const layouts = [
  "YYYY-MM-DD HH:mm:ss",
  "YYYY-MM-DD HH:mm",
  "YYYY/MM/DD HH:mm:ss",
  "YYYY/MM/DD HH:mm",
  "YYYY.MM.DD HH:mm:ss",
  "YYYYMMDDHHmmss",
  "YYYYMMDD HHmmss",
  "DD.MM.YYYY HH:mm:ss",
  "DD.MM.YYYY HH:mm",
  "DD/MM/YYYY HH:mm:ss",
  "DD/MM/YYYY HH:mm",
  "DD-MM-YYYY HH:mm:ss",
  "DD-MM-YYYY HH:mm",
  "MM/DD/YYYY HH:mm:ss",
  "MM/DD/YYYY HH:mm",
  "MM/DD/YYYY hh:mm:ss A",
  "MM/DD/YYYY hh:mm A",
  "MM-DD-YYYY HH:mm:ss",
] as const;

export type Layout = (typeof layouts)[number];

/**
 * The name of a layout in generated clients. Generators join the words of a name by one sign, so that layouts would have
 * the same names.
 *
 * @example nameOfLayout("DD/MM/YYYY HH:mm") // "DMY_HM_SLASH"
 */
function nameOfLayout(layout: Layout): string {
  const separators: Record<string, string> = { "-": "_DASH", "/": "_SLASH", ".": "_DOT" };
  const letters = layout.replaceAll(/([A-Za-z])\1+/g, "$1").replaceAll(/[-/.:]/g, "");
  return letters.replaceAll(" ", "_").toUpperCase() + (separators[/[-/.]/.exec(layout)?.[0] ?? ""] ?? "");
}

/** What the document of the API says of `auto` and the layouts. */
export const documentedLayout = () => ({ id: "TimeLayout", "x-enum-varnames": ["AUTO", ...layouts.map(nameOfLayout)] });

/** Characters of the longest text that is looked at. */
const maxLength = 40;

/** The names of the parts of a layout, and what each is in a text. A number may lack its zero, unless nothing is between. */
const parts: Readonly<Record<string, string>> = {
  YYYY: "(?<year>\\d{4})",
  MM: "(?<month>\\d{1,2})",
  DD: "(?<day>\\d{1,2})",
  HH: "(?<hour>\\d{1,2})",
  hh: "(?<hour>\\d{1,2})",
  mm: "(?<minute>\\d\\d)",
  ss: "(?<second>\\d\\d)(?:[.,](?<fraction>\\d{1,9}))?",
  A: "(?<half>[AP])\\.?M\\.?",
};

const made = new Map<Layout, RegExp>();

function formOf(layout: Layout): RegExp {
  const known = made.get(layout);
  if (known !== undefined) return known;
  const isDense = !/[^A-Z ]/i.test(layout);
  const source = layout
    .replace(/YYYY|MM|DD|HH|hh|mm|ss|A|[. ]/g, (part) =>
      part === " " ? "[ T]\\s{0,3}" : part === "." ? "\\." : String(parts[part]),
    )
    .replaceAll(isDense ? "\\d{1,2}" : /$^/g, "\\d\\d");
  const form = new RegExp(`^${source}$`, "i");
  made.set(layout, form);
  return form;
}

/** What a clock shows by a text of a layout, as ms since 1970 of a clock that shows UTC; null if the text is no such time. */
export function shownBy(text: string, layout: Layout): number | null {
  const found = text.length > maxLength ? undefined : formOf(layout).exec(text.trim())?.groups;
  if (found === undefined) return null;
  const number = (name: string) => Number(found[name] ?? 0);
  const [year, month, day, minute, second] = ["year", "month", "day", "minute", "second"].map(number);
  const hour = hourOf(number("hour"), found["half"]?.toUpperCase());
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDay || hour === null || Number(minute) > 59 || Number(second) > 59) return null;
  const ms = Math.trunc(Number(`0.${found["fraction"] ?? 0}`) * 1000);
  return midnight + hour * hourMs + Number(minute) * (hourMs / 60) + Number(second) * 1000 + ms;
}

function hourOf(sent: number, half: string | undefined): number | null {
  if (half === undefined) return sent * hourMs < dayMs ? sent : null;
  return sent < 1 || sent > 12 ? null : (sent % 12) + (half === "P" ? 12 : 0);
}
