import type { SQLInputValue } from "node:sqlite";
import { type EventFilter, soughtText } from "@gatepost/core/events";
import { type OneOrMore, valuesOf } from "@gatepost/core/lists";
import { comparable } from "@gatepost/protocol";
import { type Condition, isIn } from "../db/page.ts";
import { isIndexed, isNew } from "./new-events.ts";

/** Indexes that list events by time. An event is found if it is in any of them. */
export interface Lists {
  conditions: Condition[];
  /** Any of the conditions, checked on one event. */
  any: Condition;
  table: "events" | "event_flags";
}

/** The conditions of `matches` in query, as SQL on a row of `events`. */
const asked: { [Name in keyof Omit<Required<EventFilter>, "boxes">]: string } = {
  from: "time >= ?",
  to: "time < ?",
  box: "box = ?",
  device: "? IN (device_id, endpoint, ip)",
  person: "person = ?",
  type: "person_type = ?",
  action: "? IN (want_action, other_action)",
  flag: "EXISTS (SELECT 1 FROM event_flags WHERE event_id = events.id AND flag = ?)",
  result: "result = ?",
  q: "instr(search, ?) > 0",
};

export function conditionsOf({ boxes, ...filter }: EventFilter): Condition[] {
  const conditions = Object.entries(asked).flatMap(([name, sql]) => {
    const value = filter[name as keyof typeof filter];
    if (value === undefined) return [];
    const values = soughtIn(name, value);
    return [{ sql: values.map(() => sql).join(" OR "), values: [...values] }];
  });
  return boxes === undefined ? conditions : [...conditions, isIn("box", boxes)];
}

function soughtIn(name: string, value: OneOrMore<string | number>): readonly (string | number)[] {
  if (name === "q") return [soughtText(String(value))];
  return name === "person" ? keysOf(value) : valuesOf(value);
}

/** The keys under which events of these people are listed. */
function keysOf(people: OneOrMore<string | number>): string[] {
  return [...new Set(valuesOf(people).map((id) => comparable(String(id))))];
}

/** The shortest lists that have all events of a filter, as far as is known without a query. */
export function listsFor(filter: EventFilter, texts: readonly number[] | null): Lists {
  const { person, device, flag, action, box, boxes, type, result } = filter;
  if (person !== undefined) return listsOf(["person"], keysOf(person));
  if (texts !== null) return listsOf(["person_text", "place_text"], texts);
  if (device !== undefined) return listsOf(["device_id", "endpoint", "ip"], device);
  if (flag !== undefined) return { ...listsOf(["flag"], flag), table: "event_flags" };
  if (action !== undefined) return listsOf(["want_action", "other_action"], action);
  if (box !== undefined) return listsOf(["box"], box);
  if (boxes !== undefined && boxes.length <= maxLists) return listsOfBoxes(boxes);
  if (result !== undefined) return listsOf(["result"], result);
  if (type !== undefined) return listsOf(["person_type"], type);
  return oneList("1");
}

function listsOf(columns: readonly string[], given: OneOrMore<string> | readonly number[]): Lists {
  const values = [...valuesOf<string | number>(given)];
  const conditions = columns.flatMap((column) => values.map((value) => ({ sql: `${column} = ?`, values: [value] })));
  const isAny = `IN (${values.map(() => "?").join(", ")})`;
  const any = {
    sql: columns.map((column) => `${column} ${isAny}`).join(" OR "),
    values: columns.flatMap(() => values),
  };
  return { conditions, any, table: "events" };
}

function oneList(sql: "0" | "1"): Lists {
  return { conditions: [{ sql, values: [] }], any: { sql, values: [] }, table: "events" };
}

/** With more lists, reading the list of all events is faster. */
const maxLists = 50;

function listsOfBoxes(boxes: readonly string[]): Lists {
  return boxes.length > 0 ? listsOf(["box"], boxes) : oneList("0");
}

/**
 * Makes one query of several lists, newest first by default. Each row has the `columns` of its event, or null if the
 * event does not meet all conditions, and then its place in the list. An index gives each list in this order, so no
 * more rows are read than are used: at least `minRows`, if there are so many. New events are in no index yet, and are
 * another list.
 */
export function listingQuery(lists: Lists, { range, conditions, columns, minRows, order = "DESC" }: Range): Condition {
  const parts = partsOf(lists, range);
  // An event is either in an index or new. Only if it may be in several lists must doubles be removed.
  const union = parts.map(({ sql }) => sql).join(lists.conditions.length > 1 ? " UNION " : " UNION ALL ");
  // Several lists are sorted inside, else they would be read to their ends. A single list is sorted outside, because
  // SQLite may ignore the order of an inner query.
  const isOne = parts.length === 1;
  const inOrder = ` ORDER BY ${places[lists.table].order.map((column) => `${column} ${order}`).join(", ")}`;
  const [inside, outside] = isOne ? ["", inOrder] : [`${inOrder} LIMIT ?`, ""];
  return {
    sql: `SELECT ${columns}, walked, walked_time FROM (${union}${inside}) AS walk
      LEFT JOIN events ON ${places[lists.table].join} AND ${and(conditions)}${outside}`,
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

/**
 * How a list finds the row of an event. An index on `events` also has the number of the event. Searching by its id,
 * which is random, would first read a page of another index.
 */
const places = {
  events: {
    columns: "made AS place, id AS walked",
    join: "events.made = place",
    order: ["walked_time", "walked", "place"],
  },
  event_flags: { columns: "event_id AS walked", join: "events.id = walked", order: ["walked_time", "walked"] },
};

function partsOf({ conditions, any, table }: Lists, range: readonly Condition[]): Condition[] {
  const part = (all: readonly Condition[]) => ({
    sql: `SELECT ${places[table].columns}, time AS walked_time FROM ${table} WHERE ${and(all)}`,
    values: bindingsOf(all),
  });
  if (table === "event_flags") {
    const ranged = range.map(({ sql, values }) => ({ sql: sql.replace("(time, id)", "(time, event_id)"), values }));
    return conditions.map((condition) => part([condition, ...ranged]));
  }
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
