import type { Condition, Item, Value } from "./port.ts";

/** The item, or one of its attributes, exists. */
export function present(name = "pk"): Condition {
  return { is: "present", name };
}

/** The item, or one of its attributes, does not exist. */
export function absent(name = "pk"): Condition {
  return not(present(name));
}

export function equals(name: string, value: Value): Condition {
  return compare(name, "=", value);
}

export function compare(name: string, is: "=" | "<>" | "<" | "<=" | ">" | ">=", value: Value): Condition {
  return { is, name, value };
}

/** The attribute is one of the values from `first` to `last`, both included. */
export function between(name: string, first: Value, last: Value): Condition {
  return all(compare(name, ">=", first), compare(name, "<=", last));
}

export function all(...of: Condition[]): Condition {
  return { is: "all", of };
}

export function any(...of: Condition[]): Condition {
  return { is: "any", of };
}

export function not(of: Condition): Condition {
  return { is: "not", of };
}

/** Some attributes are still as they were read; of a missing item: it is still missing. */
export function asRead(item: Item | null, names: readonly string[]): Condition {
  if (item === null) return absent();
  return all(
    ...names.map((name) => {
      const value = item[name];
      if (value === undefined) return absent(name);
      return Number.isNaN(value) ? unreadable(name) : equals(name, value);
    }),
  );
}

/** Every text and every number is at least one of these. */
const lowest: readonly Value[] = ["", -1e125];

/** An attribute is neither a text nor a number. Its value is not known, so it cannot be compared. */
function unreadable(name: string): Condition {
  return all(present(name), not(any(...lowest.map((value) => compare(name, ">=", value)))));
}

/** Whether an item meets a condition. Null: the item is missing. */
export function meets(condition: Condition, item: Item | null): boolean {
  switch (condition.is) {
    case "present":
      return item?.[condition.name] !== undefined;
    case "all":
      return condition.of.every((one) => meets(one, item));
    case "any":
      return condition.of.some((one) => meets(one, item));
    case "not":
      return !meets(condition.of, item);
    default:
      return isSo(item?.[condition.name], condition.is, condition.value);
  }
}

function isSo(held: Value | undefined, is: "=" | "<>" | "<" | "<=" | ">" | ">=", value: Value): boolean {
  const order = orderOf(held, value);
  switch (is) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order !== null && order < 0;
    case "<=":
      return order !== null && order <= 0;
    case ">":
      return order !== null && order > 0;
    case ">=":
      return order !== null && order >= 0;
  }
}

/** Below 0, 0 or above 0; null if the values cannot be compared. */
function orderOf(held: Value | undefined, value: Value): number | null {
  if (typeof held === "string" && typeof value === "string") return compareTexts(held, value);
  if (typeof held === "number" && typeof value === "number" && !Number.isNaN(held)) return held - value;
  return null;
}

/** The order of two texts by their UTF-8 bytes, which is the order of every driver. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
