import { omitEmpty } from "@gatepost/protocol";
import { WrongUsage } from "../failure.ts";
import type { Wanted } from "./created.ts";

/** The columns of a list of boxes. */
const columns = ["box", "note", "serial"] as const;

const maxRows = 10_000;

/**
 * The ingest keys that a list of boxes asks for: CSV with the columns `box`, `note` and `serial`, of which only `box` is
 * needed. Throws WrongUsage with the line.
 */
export function keysIn(text: string): Wanted[] {
  const [titles = [], ...rows] = csvIn(text).filter((row) => row.some((cell) => cell !== ""));
  const unknown = titles.find((title) => !(columns as readonly string[]).includes(title));
  if (unknown !== undefined) throw new WrongUsage(`there is no column ${unknown}; columns: ${columns.join(", ")}`);
  if (!titles.includes("box")) throw new WrongUsage("the first line must name a column box");
  if (rows.length > maxRows) throw new WrongUsage(`a list may have ${maxRows} boxes`);
  const boxes = new Set<string>();
  return rows.map((row, index) => {
    const cell = (title: (typeof columns)[number]) => row[titles.indexOf(title)] ?? "";
    const [box, note, serial] = columns.map(cell) as [string, string, string];
    if (box === "" || boxes.has(box))
      throw new WrongUsage(`row ${index + 2} names ${box === "" ? "no box" : `${box} again`}`);
    boxes.add(box);
    const serials = serial === "" ? [] : serial.split(/[\s;]+/);
    return { scope: "ingest", box, ...omitEmpty({ note: note || null, serials }) };
  });
}

/** Rows of CSV, whose cells may be quoted. */
function csvIn(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const plain = text.replace(/^\ufeff/, "");
  while (cell.lastIndex < plain.length) {
    const [all, quoted, bare, end] = cell.exec(plain) ?? [];
    if (all === undefined) throw new WrongUsage(`row ${rows.length} has a quote that does not end`);
    rows.at(-1)?.push((quoted?.replaceAll('""', '"') ?? bare ?? "").trim());
    if (end !== ",") rows.push([]);
    if (end === "") break;
  }
  return rows;
}

/** Cells as a row of CSV. */
export function csvRow(cells: readonly string[]): string {
  return cells.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",");
}
