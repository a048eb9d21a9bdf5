import type { SQLInputValue } from "node:sqlite";
import type { EventFilter } from "@gatepost/query";

export interface Condition {
  sql: string;
  values: SQLInputValue[];
}

/** Lists of events by their place in time; an event is asked for if it is in any of them. */
export interface Lists {
  conditions: Condition[];
  table: "events" | "event_flags";
  id: "id" | "event_id";
}

/** What each member of a filter asks of a row of `events`. */
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

/** Walks lists at once, newest first; each is in that order by its index, so no more is read than is taken. */
export function walkOf({ conditions, table, id }: Lists, stretch: readonly Condition[]): Condition {
  const place = `${id}, time`;
  const parts = conditions.map((condition) => {
    const all = [
      condition,
      ...stretch.map(({ sql, values }) => ({ sql: sql.replace("(time, id)", `(time, ${id})`), values })),
    ];
    const where = all.map(({ sql }) => `(${sql})`).join(" AND ");
    return { sql: `SELECT ${place} FROM ${table} WHERE ${where}`, values: all.flatMap(({ values }) => values) };
  });
  return {
    sql: `${parts.map(({ sql }) => sql).join(" UNION ")} ORDER BY 2 DESC, 1 DESC`,
    values: parts.flatMap(({ values }) => values),
  };
}
