import type { SQLInputValue } from "node:sqlite";
import type { EventFilter } from "@gatepost/query";
import type { Condition } from "../db/page.ts";

/** Lists of events by their place in time; an event is asked for if it is in any of them. */
export interface Lists {
  conditions: Condition[];
  table: "events" | "event_flags";
  id: "id" | "event_id";
}

/** What `matches` of query asks of an event, asked of its row in `events`. */
const asked: { [Name in keyof Required<EventFilter>]: string } = {
  from: "time >= ?",
  to: "time < ?",
  box: "box = ?",
  device: "? IN (device_id, endpoint, ip)",
  person: "person = ?",
  type: "person_type = ?",
  action: "want_action = ?",
  flag: "EXISTS (SELECT 1 FROM event_flags WHERE event_id = events.id AND flag = ?)",
  q: "instr(search, ?) > 0",
};

export function conditionsOf(filter: EventFilter): Condition[] {
  return Object.entries(asked).flatMap(([name, sql]) => {
    const value = filter[name as keyof EventFilter];
    if (value === undefined) return [];
    return [{ sql, values: [name === "q" ? String(value).toLowerCase() : value] }];
  });
}

/** The shortest lists that hold everything a filter asks for, as far as can be told without looking. */
export function listsFor(filter: EventFilter, texts: readonly number[] | null): Lists {
  const { person, device, flag, action, box, type } = filter;
  if (person !== undefined) return listsOf(["person"], person);
  if (texts !== null) return { ...listsOf([], ""), conditions: texts.flatMap((text) => ofText(text)) };
  if (device !== undefined) return listsOf(["device_id", "endpoint", "ip"], device);
  if (flag !== undefined) return { ...listsOf(["flag"], flag), table: "event_flags", id: "event_id" };
  if (action !== undefined) return listsOf(["want_action"], action);
  if (box !== undefined) return listsOf(["box"], box);
  if (type !== undefined) return listsOf(["person_type"], type);
  return { ...listsOf([], ""), conditions: [{ sql: "1", values: [] }] };
}

function listsOf(columns: readonly string[], value: string): Lists {
  const conditions = columns.map((column) => ({ sql: `${column} = ?`, values: [value] }));
  return { conditions, table: "events", id: "id" };
}

function ofText(text: number): Condition[] {
  return ["person_text", "place_text"].map((column) => ({ sql: `${column} = ?`, values: [text] }));
}

/**
 * The rows of lists at once, newest first, each with `columns` of its event; null where that does not hold all
 * conditions. Each list is in that order by its index, so no more is read than is taken. `most` rows at least, if there
 * are as many.
 */
export function listingQuery(lists: Lists, { range, conditions, columns, minRows }: Range): Condition {
  const parts = partsOf(lists, range);
  const union = parts.map(({ sql }) => sql).join(" UNION ");
  // Sorted outside, several lists would be read to their ends. The order inside a single one would not be heeded.
  const isOne = parts.length === 1;
  const [inside, outside] = isOne ? ["", newestFirst] : [`${newestFirst} LIMIT ?`, ""];
  return {
    sql: `SELECT walked, walked_time, ${columns} FROM (${union}${inside}) AS walk
      LEFT JOIN events ON events.id = walked AND ${and(conditions)}${outside}`,
    values: [...valuesOf(parts), ...(isOne ? [] : [minRows]), ...valuesOf(conditions)],
  };
}

interface Range {
  /** What each list is narrowed to, as far as a place tells. */
  range: readonly Condition[];
  /** What must hold of an event. */
  conditions: readonly Condition[];
  columns: string;
  minRows: number;
}

const newestFirst = " ORDER BY walked_time DESC, walked DESC";

function partsOf({ conditions, table, id }: Lists, range: readonly Condition[]): Condition[] {
  return conditions.map((condition) => {
    const all = [
      condition,
      ...range.map(({ sql, values }) => ({ sql: sql.replace("(time, id)", `(time, ${id})`), values })),
    ];
    return {
      sql: `SELECT ${id} AS walked, time AS walked_time FROM ${table} WHERE ${and(all)}`,
      values: valuesOf(all),
    };
  });
}

function and(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => `(${sql})`).join(" AND ");
}

function valuesOf(conditions: readonly Condition[]): SQLInputValue[] {
  return conditions.flatMap(({ values }) => values);
}
