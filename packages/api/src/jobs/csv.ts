import { deviceName, type FaceEvent } from "@gatepost/protocol";

type Cell = string | number | null;

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
} satisfies Record<string, (event: FaceEvent) => Cell>;

export type CsvColumn = keyof typeof columns;
export const csvColumns = Object.keys(columns) as [CsvColumn, ...CsvColumn[]];

const lineEnd = "\r\n";

/** The line of titles, with the byte order mark by which spreadsheets recognise UTF-8. */
export function csvHead(asked: readonly CsvColumn[]): string {
  return `\uFEFF${asked.map(quoted).join(",")}${lineEnd}`;
}

/** One event as a line (RFC 4180). */
export function csvLine(event: FaceEvent, asked: readonly CsvColumn[]): string {
  return asked.map((column) => cellOf(columns[column](event))).join(",") + lineEnd;
}

/** Every text is quoted, so that a spreadsheet with another separator does not split it. */
function cellOf(value: Cell): string {
  if (value === null) return "";
  return typeof value === "number" ? String(value) : quoted(harmless(printable(value)));
}

/** A text without control characters: a spreadsheet may drop them, and then see a formula that `formula` did not. */
function printable(text: string): string {
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
