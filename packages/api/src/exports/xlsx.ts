import { setImmediate as nextTurn } from "node:timers/promises";
import { constants, deflateRawSync } from "node:zlib";
import { dayMs } from "@gatepost/protocol";
import { type Cell, printable } from "./csv.ts";
import { type ZipEntry, zipCrc, zipEnd, zipHead, zipLine, zipTail } from "./zip.ts";

/*
 * Writes a workbook with one sheet (ECMA-376), a part at a time: a slice of a job appends rows, and keeps none of the
 * earlier ones. Texts are inline strings, which no spreadsheet runs as a formula, in cells whose format is text, so that an id
 * keeps its zeros and its last digits. Instants are real times by the clocks of the site.
 */

/** Rows that a sheet can have, without the titles. */
export const maxRows = 1_048_575;

/** Characters that a cell can have. */
const maxText = 32_767;

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";

const sheetName = "xl/worksheets/sheet1.xml";

/** Formats of cells, by their number in the styles. */
const formats = { general: 0, text: 1, title: 2, time: 3, date: 4 } as const;

const parts: readonly (readonly [name: string, content: string])[] = [
  [
    "[Content_Types].xml",
    `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/><Override PartName="/${sheetName}" ContentType="${type}.worksheet+xml"/></Types>`,
  ],
  [
    "_rels/.rels",
    `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    "xl/workbook.xml",
    `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Gatepost" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ],
  [
    "xl/_rels/workbook.xml.rels",
    `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
  ],
  [
    "xl/styles.xml",
    `${xml}<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
  ],
];

/** The beginning of a sheet, whose first row stays in view, with the row of titles. */
export function sheetHead(titles: readonly string[]): string {
  const cells = titles.map((title, at) => textCell(title, `${letters(at)}1`, formats.title)).join("");
  const columns = titles.map((_, at) => `<col min="${at + 1}" max="${at + 1}" width="20" customWidth="1"/>`).join("");
  return `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns}</cols><sheetData><row r="1">${cells}</row>`;
}

const sheetTail = "</sheetData></worksheet>";

/** A row of a sheet. @param row its number; the titles are row 1 */
export function sheetRow(cells: readonly Cell[], row: number): string {
  return `<row r="${row}">${cells.map((cell, at) => sheetCell(cell, `${letters(at)}${row}`)).join("")}</row>`;
}

function sheetCell(value: Cell, place: string): string {
  if (value === null) return "";
  if (typeof value === "string") return textCell(value, place, formats.text);
  if (typeof value === "number") return numberCell(value, place, formats.general);
  if ("date" in value) return numberCell(serial(Date.parse(value.date)), place, formats.date);
  return numberCell(serial(value.zone.localOf(value.at)), place, formats.time);
}

function numberCell(value: number, place: string, format: number): string {
  return `<c r="${place}" s="${format}"><v>${value}</v></c>`;
}

function textCell(text: string, place: string, format: number): string {
  return `<c r="${place}" s="${format}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** Days since the end of 1899, as spreadsheets count them. */
function serial(local: number): number {
  return local / dayMs + 25_569;
}

const marks: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** A text for a cell, cut to its greatest length. `_x0041_` is a character to spreadsheets, so its first sign is written as one. */
function escaped(text: string): string {
  const short = printable(text).slice(0, maxText).toWellFormed();
  return short
    .replace(/[\uFFFE\uFFFF]/g, "\uFFFD")
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_")
    .replace(/[&<>]/g, (mark) => marks[mark] ?? mark);
}

/** The letters of a column: A of 0, AA of 26. */
function letters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last;
}

/** The part of a workbook that is written so far. */
export interface Written {
  /** Bytes of the file. */
  bytes: number;
  /** Bytes of the sheet before and after it is compressed, and its checksum. */
  tableBytes: number;
  packedBytes: number;
  tableCrc: number;
}

const entries = placed(parts);
const sheetOffset = entries.reduce((sum, { head, data }) => sum + head.length + data.length, 0);

function placed(all: typeof parts) {
  let offset = 0;
  return all.map(([name, content]) => {
    const data = Buffer.from(content);
    const entry: ZipEntry = { name, crc: zipCrc(data), bytes: data.length, offset, isStreamed: false };
    const head = zipHead(entry);
    offset += head.length + data.length;
    return { entry, head, data };
  });
}

const streamedSheet = { name: sheetName, crc: 0, bytes: 0, packed: 0, isStreamed: true };

/** The bytes before the sheet. */
export function workbookHead(): Buffer {
  return Buffer.concat([...entries.flatMap(({ head, data }) => [head, data]), zipHead(streamedSheet)]);
}

/**
 * Compresses the next piece of the sheet. Pieces are blocks of one stream that do not refer to each other, so each can be
 * written by another process.
 */
export function packedPiece(text: string, written: Written): { data: Buffer; after: Written } {
  return piece(text, written, constants.Z_SYNC_FLUSH);
}

function piece(text: string, written: Written, finishFlush: number): { data: Buffer; after: Written } {
  const bytes = Buffer.from(text);
  const data = deflateRawSync(bytes, { finishFlush });
  const after = {
    bytes: written.bytes + data.length,
    tableBytes: written.tableBytes + bytes.length,
    packedBytes: written.packedBytes + data.length,
    tableCrc: zipCrc(bytes, written.tableCrc),
  };
  return { data, after };
}

/** The end of the sheet, and of the file. */
export function workbookEnd(written: Written): Buffer {
  const { data, after } = piece(sheetTail, written, constants.Z_FINISH);
  const facts = { crc: after.tableCrc, bytes: after.tableBytes, packed: after.packedBytes };
  const tail = zipTail(facts);
  const lines = [...entries.map(({ entry }) => entry), { ...streamedSheet, ...facts, offset: sheetOffset }].map(
    zipLine,
  );
  const directory = Buffer.concat(lines);
  const offset = after.bytes + tail.length;
  return Buffer.concat([data, tail, directory, zipEnd(lines.length, { bytes: directory.length, offset })]);
}

/** Rows that are written and compressed in one turn of the event loop: some 15 ms. */
export const rowsATurn = 500;

/** A whole workbook, for tables that fit into memory. */
export async function workbook(titles: readonly string[], rows: readonly (readonly Cell[])[]): Promise<Buffer> {
  const head = workbookHead();
  const pieces = [head];
  let written: Written = { bytes: head.length, tableBytes: 0, packedBytes: 0, tableCrc: 0 };
  let text = sheetHead(titles);
  for (let from = 0; from < rows.length; from += rowsATurn) {
    text += rows
      .slice(from, from + rowsATurn)
      .map((cells, at) => sheetRow(cells, from + at + 2))
      .join("");
    const { data, after } = packedPiece(text, written);
    [written, text] = [after, ""];
    pieces.push(data);
    await nextTurn();
  }
  const { data, after } = packedPiece(text, written);
  return Buffer.concat([...pieces, data, workbookEnd(after)]);
}
