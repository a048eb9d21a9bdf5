import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { GatepostError } from "@gatepost/core/errors";
import { type PageRequest, PageRoom } from "@gatepost/core/lists";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** A part of a WHERE clause, and the values of its placeholders in their order. */
export interface Condition {
  sql: string;
  values: SQLInputValue[];
}

/** The condition that a column has one of several values. */
export function isIn(column: string, values: readonly string[]): Condition {
  return { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] };
}

interface Listing {
  /** Must give each row the columns `at` and `id`. */
  select: string;
  conditions: readonly Condition[];
  /** The columns that order the rows. Together they are unique. */
  at: string;
  id: string;
  /** Newest first if absent. */
  order?: "ascending" | "descending" | undefined;
  page: PageRequest;
}

interface RowPage {
  items: Record<string, unknown>[];
  next: string | null;
}

const rowInOrder = z.object({ at: z.int(), id: z.union([z.string(), z.int()]) });

/**
 * Reads one page. The cursor is the position of the last row, so rows that are added or removed meanwhile
 * neither move nor repeat other rows.
 */
export function readRowPage(database: DatabaseSync, listing: Listing): RowPage {
  const { select, at, id, order, page } = listing;
  const [isAfter, way] = order === "ascending" ? [">", "ASC"] : ["<", "DESC"];
  const conditions = [...listing.conditions];
  if (page.cursor !== null)
    conditions.push({ sql: `(${at}, ${id}) ${isAfter} (?, ?)`, values: cursorValues(page.cursor) });
  const where = conditions.map(({ sql }) => `(${sql})`).join(" AND ") || "1";
  const rows = database
    .prepare(`${select} WHERE ${where} ORDER BY ${at} ${way}, ${id} ${way} LIMIT ?`)
    .iterate(...conditions.flatMap(({ values }) => values), page.limit + 1);
  return pageOf(rows, page);
}

/** The page that some rows begin, of which one more than its limit were asked for. They have the columns `at` and `id`. */
function pageOf(rows: Iterable<Record<string, unknown>>, request: Omit<PageRequest, "cursor">): RowPage {
  const { items, isEnd } = fitting(rows, request);
  const last = items.at(-1);
  return { items, next: isEnd || last === undefined ? null : cursorOf(last) };
}

/** The first rows that fit on a page, and whether these are all. Further rows are not read. */
export function fitting<Row extends object>(
  rows: Iterable<Row>,
  { limit, maxBytes }: Omit<PageRequest, "cursor">,
): { items: Row[]; isEnd: boolean } {
  const room = new PageRoom(maxBytes);
  const items: Row[] = [];
  for (const row of rows) {
    if (items.length === limit || !room.takes(textBytesOf(row))) return { items, isEnd: false };
    items.push(row);
  }
  return { items, isEnd: true };
}

/** Bytes of the texts of a row. */
export function textBytesOf(row: object): number {
  return Object.values(row).reduce((sum, value) => sum + (typeof value === "string" ? Buffer.byteLength(value) : 0), 0);
}

function cursorOf(row: Record<string, unknown>): string {
  const { at, id } = parseStored(rowInOrder, row, `row ${row["id"]}`);
  return `${at} ${id}`;
}

export function cursorValues(cursor: string): [number, string] {
  const [, at, id] = /^(-?\d{1,16}) (\w+)$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
  return [Number(at), id];
}
