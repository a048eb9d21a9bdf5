import type { Zone } from "@gatepost/core/zones";
import { deviceName, type FaceEvent } from "@gatepost/protocol";

/** An instant (ms since 1970) that is shown by the clocks of a zone. */
interface Moment {
  at: number;
  zone: Zone;
}

/** A cell of a table; a date is as `2026-11-18`. */
export type Cell = string | number | null | Moment | { date: string };

/** The columns of an export, by their titles. */
const columns = {
  id: ({ id }) => id,
  time: ({ time }) => time,
  receivedAt: ({ receivedAt }) => receivedAt,
  box: ({ box }) => box.id,
  device: ({ device }) => deviceName(device),
  deviceName: ({ device }) => device.name,
  direction: ({ device }) => device.direction,
  person: ({ person }) => person.id,
  name: ({ person }) => person.name,
  type: ({ person }) => person.type,
  group: ({ person }) => person.group,
  score: ({ score }) => score,
  wantAction: ({ wantAction }) => wantAction,
  flags: ({ flags }) => flags.join(" "),
  pictures: ({ pictures }) => Object.keys(pictures).join(" "),
  reportedTime: ({ reportedTime }) => reportedTime,
  clockOffsetMs: ({ clockOffsetMs }) => clockOffsetMs,
  boxName: ({ box }) => box.name,
  site: ({ box }) => box.site,
  label: ({ device }) => device.label,
  acknowledged: ({ acknowledgement }) => acknowledgement?.at ?? null,
  acknowledgedBy: ({ acknowledgement }) => acknowledgement?.by.name ?? acknowledgement?.by.account ?? null,
  reason: ({ acknowledgement }) => acknowledgement?.reason ?? null,
  note: ({ acknowledgement }) => acknowledgement?.note ?? null,
  result: ({ result }) => result,
  deniedReason: ({ reason }) => reason,
  method: ({ method }) => method,
  card: ({ card }) => card,
  temperature: ({ attributes }) => attributes.temperature,
  mask: ({ attributes }) => attributes.mask,
} satisfies Record<string, (event: FaceEvent) => string | number | null>;

export type CsvColumn = keyof typeof columns;
export const csvColumns = Object.keys(columns) as [CsvColumn, ...CsvColumn[]];

/** Columns of an event with an instant, as ISO text. */
const momentColumns: ReadonlySet<string> = new Set<CsvColumn>(["time", "receivedAt", "acknowledged"]);

/** The cells of an event. */
export function eventCells(event: FaceEvent, asked: readonly CsvColumn[]): (string | number | null)[] {
  return asked.map((column) => columns[column](event));
}

/** The same, with instants by the clocks of its site. */
export function zonedCells(event: FaceEvent, asked: readonly CsvColumn[], zone: Zone): Cell[] {
  return eventCells(event, asked).map((value, at) =>
    typeof value === "string" && momentColumns.has(asked[at] ?? "") ? { at: Date.parse(value), zone } : value,
  );
}

const lineEnd = "\r\n";

/** The line of titles, with the byte order mark by which spreadsheets recognise UTF-8. */
export function csvHead(titles: readonly string[]): string {
  return `\uFEFF${titles.map(quoted).join(",")}${lineEnd}`;
}

/** A row as a line (RFC 4180). */
export function csvLine(cells: readonly Cell[]): string {
  return cells.map(cellOf).join(",") + lineEnd;
}

/** Every text is quoted, so that a spreadsheet with another separator does not split it. */
function cellOf(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(harmless(printable(value)));
  return quoted("date" in value ? value.date : value.zone.text(value.at));
}

/** A text without control characters: a spreadsheet may drop them, and then see a formula that `formula` did not. */
export function printable(text: string): string {
  return text.toWellFormed().replace(/(?![\t\r\n])\p{Cc}/gu, "");
}

/**
 * The beginning of a text that a spreadsheet may run as a formula: also with full-width or small signs of East Asia,
 * and after blanks or invisible characters such as a soft hyphen, which a spreadsheet may drop.
 */
const formula = /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\t\r\n]/u;

/** A text that a spreadsheet would run is shown as text. */
function harmless(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
