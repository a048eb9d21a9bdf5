import type { SQLInputValue } from "node:sqlite";
import { type EventFilter, type OneOrMore, soughtText, valuesOf } from "@gatepost/query";
import { type Condition, isIn } from "../db/page.ts";
import { isIndexed, isNew } from "./new-events.ts";

/** Indexes that list events by time. An event is found if it is in any of them. */
export interface Lists {
  conditions: Condition[];
  table: "events" | "event_flags";
  id: "id" | "event_id";
}

/** What `matches` of query asks of an event, asked of its row in `events`. */
const asked: { [Name in keyof Omit<Required<EventFilter>, "boxes">]: string } = {
  from: "time >= ?",
  to: "time < ?",
  box: "box = ?",
  device: "? IN (device_id, endpoint, ip)",
  person: "person = ?",
  type: "person_type = ?",
  action: "? IN (want_action, other_action)",
  flag: "EXISTS (SELECT 1 FROM event_flags WHERE event_id = events.id AND flag = ?)",
  q: "instr(search, ?) > 0",
};

export function conditionsOf({ boxes, ...filter }: EventFilter): Condition[] {
  const conditions = Object.entries(asked).flatMap(([name, sql]) => {
    const value = filter[name as keyof typeof filter];
    if (value === undefined) return [];
    const values = valuesOf(name === "q" ? soughtText(String(value)) : value);
    return [{ sql: values.map(() => sql).join(" OR "), values: [...values] }];
  });
  return boxes === undefined ? conditions : [...conditions, isIn("box", boxes)];
}

/** The shortest lists that have everything a filter asks for, as far as that is known without a query. */
export function listsFor(filter: EventFilter, texts: readonly number[] | null): Lists {
  const { person, device, flag, action, box, boxes, type } = filter;
  if (person !== undefined) return listsOf(["person"], person);
  if (texts !== null) return { ...listsOf([], ""), conditions: texts.flatMap((text) => ofText(text)) };
  if (device !== undefined) return listsOf(["device_id", "endpoint", "ip"], device);
  if (flag !== undefined) return { ...listsOf(["flag"], flag), table: "event_flags", id: "event_id" };
  if (action !== undefined) return listsOf(["want_action", "other_action"], action);
  if (box !== undefined) return listsOf(["box"], box);
  if (boxes !== undefined && boxes.length <= maxLists) return listsOfBoxes(boxes);
  if (type !== undefined) return listsOf(["person_type"], type);
  return { ...listsOf([], ""), conditions: [{ sql: "1", values: [] }] };
}

function listsOf(columns: readonly string[], given: OneOrMore<string>): Lists {
  const conditions = columns.flatMap((column) =>
    valuesOf(given).map((value) => ({ sql: `${column} = ?`, values: [value] })),
  );
  return { conditions, table: "events", id: "id" };
}

/** Where so many lists would have to be read together, reading that of all events is less. */
const maxLists = 50;

function listsOfBoxes(boxes: readonly string[]): Lists {
  const lists = listsOf(["box"], boxes);
  return lists.conditions.length > 0 ? lists : { ...lists, conditions: [{ sql: "0", values: [] }] };
}

function ofText(text: number): Condition[] {
  return ["person_text", "place_text"].map((column) => ({ sql: `${column} = ?`, values: [text] }));
}

/**
 * Makes one query of several lists, newest first unless it is told otherwise. Each row has the `columns` of its event, or null where the event does
 * not meet all conditions. Each list is in this order by its index, so no more rows are read than are used: at least
 * `minRows`, if there are so many. New events, which are in no index yet, are a list of their own.
 */
export function listingQuery(lists: Lists, { range, conditions, columns, minRows, order = "DESC" }: Range): Condition {
  const parts = partsOf(lists, range);
  const union = parts.map(({ sql }) => sql).join(" UNION ");
  // Several lists are sorted inside, else they would be read to their ends. A single list is sorted outside, because
  // SQLite may ignore the order of an inner query.
  const isOne = parts.length === 1;
  const inOrder = ` ORDER BY walked_time ${order}, walked ${order}`;
  const [inside, outside] = isOne ? ["", inOrder] : [`${inOrder} LIMIT ?`, ""];
  return {
    sql: `SELECT walked, walked_time, ${columns} FROM (${union}${inside}) AS walk
      LEFT JOIN events ON events.id = walked AND ${and(conditions)}${outside}`,
    values: [...bindingsOf(parts), ...(isOne ? [] : [minRows]), ...bindingsOf(conditions)],
  };
}

interface Range {
  /** The range of time of each list. */
  range: readonly Condition[];
  /** The conditions that an event must meet. */
  conditions: readonly Condition[];
  columns: string;
  minRows: number;
  order?: "ASC" | "DESC";
}

function partsOf({ conditions, table, id }: Lists, range: readonly Condition[]): Condition[] {
  const part = (all: readonly Condition[]) => ({
    sql: `SELECT ${id} AS walked, time AS walked_time FROM ${table} WHERE ${and(all)}`,
    values: bindingsOf(all),
  });
  if (table === "event_flags") {
    const ranged = range.map(({ sql, values }) => ({ sql: sql.replace("(time, id)", `(time, ${id})`), values }));
    return conditions.map((condition) => part([condition, ...ranged]));
  }
  const any = { sql: conditions.map(({ sql }) => sql).join(" OR "), values: bindingsOf(conditions) };
  return [
    ...conditions.map((condition) => part([listed, condition, ...range])),
    part([{ sql: isNew, values: [] }, any, ...range]),
  ];
}

const listed: Condition = { sql: isIndexed, values: [] };

function and(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => `(${sql})`).join(" AND ");
}

function bindingsOf(conditions: readonly Condition[]): SQLInputValue[] {
  return conditions.flatMap(({ values }) => values);
}
