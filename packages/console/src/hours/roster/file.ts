import { csvOf, unguarded } from "../../format/csv.ts";
import { cellKey } from "../../state/hours/sheet.ts";
import type { Site } from "../../state/sites.ts";
import type { Change } from "./grid.tsx";
import { cellsIn, librariesOf, plannedBy, type Row, type Shift } from "./table.ts";
import { daysOfTitles, type TitleFault } from "./titles.ts";

const heads = ["library", "id", "name"];

/** The roster as a file: a line for each person, a column for each day. */
export function fileOf(
  rows: readonly Row[],
  days: readonly string[],
  textAt: (row: Row, day: string) => string,
): string {
  const lines = rows.map((row) => [row.library, row.id, row.name ?? "", ...days.map((day) => textAt(row, day))]);
  return csvOf([...heads, ...days], lines);
}

/** A line of a file: the person, and the texts of the columns that are days. */
interface FileLine {
  library: string;
  id: string;
  texts: ReadonlyMap<string, string>;
}

/** A line with the row that it is about; null if there is none. */
type PlacedLine = Pick<FileLine, "id" | "texts"> & { row: Row | null };

/** The lines of a table, and the titles with a number of the columns that are no days of the month. */
interface Table<Line> {
  lines: Line[];
  leftOut: string[];
}

/** The lines of a table, or why it is none of this month: `none` if it has no `id`, or no day. */
export function linesOf(text: string, month: string): Table<FileLine> | TitleFault {
  // The first line may say what is between cells, for Excel.
  const table = text.replace(/^\ufeff/, "").replace(/^sep=.\r?\n/, "");
  const [first = ""] = table.split("\n", 1);
  const titlesBy = (by: string) => cellsIn(first, by)[0]?.map((title) => title.trim().toLowerCase()) ?? [];
  const by = ["\t", ";", ","].find((one) => titlesBy(one).includes("id"));
  if (by === undefined) return "none";
  const [head = [], ...lines] = cellsIn(table, by);
  const titles = head.map((title) => title.trim());
  const [library, id] = heads.map((title) => titles.findIndex((one) => one.toLowerCase() === title));
  const days = daysOfColumns(titles, month);
  if (typeof days === "string") return days;
  const cell = (line: readonly string[], at = -1) => unguarded(line[at] ?? "");
  const read = lines.map((line) => ({
    library: cell(line, library),
    id: cell(line, id),
    texts: new Map([...days].map(([at, day]) => [day, cell(line, at)])),
  }));
  return {
    lines: read.filter((line) => line.id !== "" || [...line.texts.values()].some((one) => one.trim() !== "")),
    leftOut: leftOutOf(titles, days),
  };
}

/** Titles with a number are meant as days. */
function leftOutOf(titles: readonly string[], days: ReadonlyMap<number, string>): string[] {
  return titles.filter((title, at) => !days.has(at) && /\p{N}/u.test(title));
}

/** Without a date, the numbers of days are titles. */
function daysOfColumns(titles: readonly string[], month: string): ReturnType<typeof daysOfTitles> {
  const days = daysOfTitles(titles, month);
  if (days !== "none") return days;
  const numbered = titles.map((title) => (/^\d{1,2}$/.test(title) ? `${month}-${title.padStart(2, "0")}` : ""));
  return daysOfTitles(numbered, month);
}

/**
 * The texts that the bytes of a file can be: UTF-8 or UTF-16 if they are, or else as spreadsheets in Chinese and in
 * western languages save them.
 */
export function textsIn(bytes: ArrayBuffer): string[] {
  const [first = 0, second = 0] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  // Titles are Latin letters: each has a zero byte.
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && bytes.byteLength > 1);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  if (isLittle || isBig) return [new TextDecoder(isLittle ? "utf-16le" : "utf-16be").decode(bytes)];
  try {
    return [new TextDecoder("utf-8", { fatal: true }).decode(bytes)];
  } catch {
    return ["gb18030", "windows-1252"].map((name) => new TextDecoder(name).decode(bytes));
  }
}

/** The page that a file is for. */
interface FileFacts {
  rows: readonly Row[];
  site: Site;
  days: readonly string[];
  shifts: readonly Shift[];
}

/**
 * The lines under a copied line of days, which are for some rows; `none` if the first line has no days.
 *
 * @param rows of the lines
 */
export function linesUnder(
  text: string,
  { month, rows, shifts }: { month: string; rows: readonly Row[]; shifts: readonly Shift[] },
): Table<PlacedLine> | TitleFault {
  const [titles = [], ...lines] = cellsIn(text);
  const written = titles.filter((title) => title.trim() !== "");
  const isTable = lines.length > 0 && written.every((title) => plannedBy(title, shifts) === null);
  const days = isTable ? daysOfTitles(titles, month) : "none";
  if (typeof days === "string") return days;
  // Without ids, the lines beside names may be in another order than the rows.
  if (written.some((title) => daysOfTitles([title], month) === "none")) return "no-id";
  const read = lines.slice(0, rows.length).map((line, n) => ({
    row: rows[n] ?? null,
    id: "",
    texts: new Map([...days].map(([at, day]) => [day, line[at] ?? ""])),
  }));
  return { lines: read, leftOut: leftOutOf(titles, days) };
}

/** A table with the rows that its lines are about. */
export function placedIn(
  { lines, leftOut }: Table<FileLine>,
  facts: Pick<FileFacts, "rows" | "site">,
): Table<PlacedLine> {
  const ids = new Set(lines.map(({ id }) => id));
  return { lines: lines.map((line) => ({ ...line, row: rowOf(line, { ...facts, ids }) })), leftOut };
}

/**
 * The changes by a table, the ids of lines whose library is not here, those of lines that say something else than an
 * earlier one of the same person, the texts that are not understood, and the columns that are left out. An empty cell takes
 * nothing from another line.
 */
export function changesIn({ lines, leftOut }: Table<PlacedLine>, { days, shifts }: Pick<FileFacts, "days" | "shifts">) {
  const cells = new Map<string, { row: Row; day: string; text: string; found: ReturnType<typeof plannedBy> }>();
  const doubled: string[] = [];
  for (const { row, id, texts } of lines) {
    const given = row === null ? [] : days.filter((day) => texts.has(day)).map((day) => ({ row, day }));
    for (const cell of given) {
      const text = texts.get(cell.day) ?? "";
      const found = plannedBy(text, shifts);
      const name = cellKey(cell.row, cell.day);
      const held = cells.get(name);
      if (held === undefined || held.text.trim() === "") cells.set(name, { ...cell, text, found });
      else if (text.trim() !== "" && !isSame(held, { text, found })) doubled.push(id);
    }
  }
  const read = [...cells.values()];
  return {
    wanted: read.flatMap(({ row, day, found }): Change[] => (found === null ? [] : [{ row, day, ...found }])),
    strange: lines.filter(({ row }) => row === null).map(({ id }) => id),
    doubled,
    faults: read.filter(({ found }) => found === null).map(({ text }) => text),
    leftOut,
  };
}

/** Whether two texts plan the same. */
function isSame(one: { text: string; found: ReturnType<typeof plannedBy> }, other: typeof one): boolean {
  if (one.found === null || other.found === null) return one.text === other.text;
  return one.found.planned === other.found.planned;
}

/**
 * The row that a line of a file is about; null if it is of no library here, or of several. A spreadsheet writes the id
 * 00042 as 42, and a long one as 1.2E+17.
 *
 * @param ids of all lines
 */
function rowOf(
  { library, id }: FileLine,
  { rows, site, ids }: Pick<FileFacts, "rows" | "site"> & { ids: ReadonlySet<string> },
): Row | null {
  const libraries = librariesOf(site);
  const among = rows.filter((one) => library === "" || one.library === library);
  const exact = among.filter((one) => one.id === id);
  const shortened = /^\d+$/.test(id) ? among.filter((one) => !ids.has(one.id) && unpadded(one.id) === id) : [];
  const [row, other] = exact.length > 0 ? exact : shortened;
  if (row !== undefined) return other === undefined ? row : null;
  if (/^\d(?:[.,]\d+)?E\+\d+$/i.test(id)) return null;
  const [own = library] = library === "" && libraries.length === 1 ? libraries : [];
  return id !== "" && libraries.includes(own) ? { library: own, id, name: null, group: null } : null;
}

const unpadded = (id: string) => id.replace(/^0+(?=\d)/, "");
