import type { Api } from "@gatepost/client";
import type { Stretch } from "../../state/days.ts";
import { type Person, sheetKey } from "../../state/hours/sheet.ts";
import type { Site } from "../../state/sites.ts";

type Schedule = Api["GET /v1/schedules"]["answer"]["schedules"][number];

/** A day of a person: the id of a schedule, null on a free day, undefined if it is as for the group. */
export type Planned = string | null | undefined;

/** A row of the roster. One who is only on the roster has no name. */
export type Row = Pick<Person, "library" | "id" | "name" | "group">;

/** A schedule that days of the month may have. */
export interface Shift extends Pick<Schedule, "id" | "name" | "start" | "end"> {
  /** The first characters of its name, by which it differs from the others. */
  code: string;
  /** The first day that may have it, as `2026-11-16`. */
  first: string;
}

/** The libraries of the people whom a site can plan. */
export const librariesOf = ({ id, sharesPeople, boxes }: Pick<Site, "id" | "sharesPeople" | "boxes">) =>
  sharesPeople ? [`~${id}`] : boxes;

/**
 * The people in the order of the sheet, and those who are on the roster or planned without being in it. Rows of closed
 * months may be of libraries of then: these are left out.
 */
export function rowsOf(people: readonly Row[], others: readonly Row[], site: Parameters<typeof librariesOf>[0]): Row[] {
  const libraries = librariesOf(site);
  const rows = new Map<string, Row>();
  for (const row of [...people, ...others]) {
    const name = sheetKey(row);
    if (libraries.includes(row.library) && !rows.has(name)) rows.set(name, row);
  }
  return [...rows.values()];
}

type Version = Pick<Schedule, "id" | "name" | "start" | "end" | "validFrom">;

/** The schedules of a month by their names, as they are at its end. */
export function shiftsOf(versions: readonly Version[], { to }: Stretch): Shift[] {
  const shifts = [...Map.groupBy(versions, ({ id }) => id).values()].flatMap((ofOne) => {
    const inOrder = ofOne
      .filter(({ validFrom }) => validFrom <= to)
      .toSorted((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
    const [first, last] = [inOrder[0], inOrder.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [{ id: last.id, name: last.name, start: last.start, end: last.end, first: first.validFrom }];
  });
  shifts.sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1));
  const names = shifts.map(({ name }) => [...name]);
  const begins = new Set(names.flatMap((name) => [1, 2, 3].map((length) => begun(name, length))));
  let number = 0;
  const codeAt = (at: number) => {
    for (const length of [1, 2, 3]) {
      const code = begun(names[at] ?? [], length);
      const isOwn = names.every((other, n) => n === at || begun(other, length) !== code);
      if (isOwn && !freeTexts.has(plain(code))) return code;
    }
    do number += 1;
    while (begins.has(String(number)) || freeTexts.has(String(number)));
    return String(number);
  };
  return shifts.map((shift, at) => ({ ...shift, code: codeAt(at) }));
}

const begun = (name: readonly string[], length: number) => name.slice(0, length).join("").toUpperCase();

/** The word for a free day in both languages, and what people write for it. */
const freeTexts = new Set(["free", "休", "休息", "off", "-", "–", "—", "0"]);

/**
 * The day that a text means: nothing, a free day, or the id, name or code of a schedule. Null: it is not understood, or
 * several schedules have this name.
 */
export function plannedBy(text: string, shifts: readonly Shift[]): { planned: Planned } | null {
  const wanted = plain(text);
  if (wanted === "") return { planned: undefined };
  if (freeTexts.has(wanted)) return { planned: null };
  const texts = [({ id }: Shift) => id, ({ name }: Shift) => name, ({ code }: Shift) => code];
  for (const textOf of texts) {
    const [found, other] = shifts.filter((shift) => plain(textOf(shift)) === wanted);
    if (found !== undefined) return other === undefined ? { planned: found.id } : null;
  }
  return null;
}

const plain = (text: string) => text.trim().normalize("NFKC").toLowerCase();

/** The text of a day in a file: of a schedule its id if it is removed, or its name means something else, too. */
export function textOf(planned: Planned, shifts: readonly Shift[], free: string): string {
  if (planned === undefined) return "";
  if (planned === null) return free;
  const name = shifts.find(({ id }) => id === planned)?.name ?? "";
  return plannedBy(name, shifts)?.planned === planned ? name : planned;
}

/** The cells of a text, as spreadsheets copy and save them (RFC 4180), by the character between them. */
export function cellsIn(text: string, by = "\t"): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  const end = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  for (const [part] of text.replaceAll("\r", "").matchAll(/(?<=^|[\t;,\n])"(?:[^"]|"")*"|[\t;,\n"]|[^\t;,\n"]+/g)) {
    if (part === by) end();
    else if (part === "\n") {
      end();
      rows.push([]);
    } else if (cell === "" && part.length > 1 && part.startsWith('"')) cell = part.slice(1, -1).replaceAll('""', '"');
    else cell += part;
  }
  end();
  if (rows.at(-1)?.join("") === "") rows.pop();
  return rows;
}
