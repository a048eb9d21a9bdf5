import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { GatepostError } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import type { PageRequest } from "@gatepost/query";
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
  /** The columns that order the rows, newest first. Together they are unique. */
  at: string;
  id: string;
  page: PageRequest;
}

interface RowPage {
  items: Record<string, unknown>[];
  next: string | null;
}

const rowInOrder = z.object({ at: z.int(), id: z.union([z.string(), z.int()]) });

/**
 * Reads one page, newest first. The cursor is the position of the last row, so rows that are added or removed meanwhile
 * neither move nor repeat other rows.
 */
export function readPage(database: DatabaseSync, listing: Listing): RowPage {
  const { select, at, id, page } = listing;
  const conditions = [...listing.conditions];
  if (page.cursor !== null) conditions.push({ sql: `(${at}, ${id}) < (?, ?)`, values: cursorValues(page.cursor) });
  const where = conditions.map(({ sql }) => `(${sql})`).join(" AND ") || "1";
  const rows = database
    .prepare(`${select} WHERE ${where} ORDER BY ${at} DESC, ${id} DESC LIMIT ?`)
    .all(...conditions.flatMap(({ values }) => values), page.limit + 1);
  return pageOf(rows, page.limit);
}

/** The page that some rows begin, of which one more than its limit were asked for. They have the columns `at` and `id`. */
export function pageOf(rows: readonly Record<string, unknown>[], limit: number): RowPage {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
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
