import type { Condition } from "@gatepost/store";
import type { Item } from "./item.ts";

/** An expression, and how strongly its outermost operator binds: DynamoDB refuses parentheses that change nothing. */
interface Written {
  text: string;
  binds: (typeof strength)[keyof typeof strength];
}

const strength = { or: 0, and: 1, not: 2, atom: 3 } as const;

/** DynamoDB has no words for true and false. */
const never = "attribute_exists(#pk) AND attribute_not_exists(#pk)";
const always = "attribute_exists(#pk) OR attribute_not_exists(#pk)";

/** A condition as an expression of DynamoDB, with the values that it refers to. */
export function expressionOf(condition: Condition): { text: string; values: Item } {
  const values: Item = {};
  const write = (one: Exclude<Simple, boolean>): Written => {
    switch (one.is) {
      case "present":
        return { text: `attribute_exists(#${one.name})`, binds: strength.atom };
      case "not":
        return { text: `NOT ${within(write(one.of), strength.atom)}`, binds: strength.not };
      case "all":
        return { text: one.of.map((part) => within(write(part), strength.and)).join(" AND "), binds: strength.and };
      case "any":
        return { text: one.of.map((part) => write(part).text).join(" OR "), binds: strength.or };
      default: {
        const name = `is_${Object.keys(values).length}`;
        values[name] = one.value;
        return { text: `#${one.name} ${one.is} :${name}`, binds: strength.atom };
      }
    }
  };
  const simple = simplified(condition);
  if (typeof simple === "boolean") return { text: simple ? always : never, values };
  return { text: write(simple).text, values };
}

function within({ text, binds }: Written, outer: number): string {
  return binds < outer ? `(${text})` : text;
}

/** A condition without constants, double negations, and lists of one part. */
type Simple =
  | boolean
  | Exclude<Condition, { of: unknown }>
  | { is: "all" | "any"; of: readonly Exclude<Simple, boolean>[] }
  | { is: "not"; of: Exclude<Simple, boolean> };

function simplified(condition: Condition): Simple {
  if (condition.is === "not") {
    const of = simplified(condition.of);
    if (typeof of === "boolean") return !of;
    return of.is === "not" ? of.of : { is: "not", of };
  }
  if (condition.is !== "all" && condition.is !== "any") return condition;
  const { is } = condition;
  // One part decides alone: a false one of `all`, a true one of `any`.
  const deciding = is === "any";
  const parts = condition.of.map(simplified);
  if (parts.includes(deciding)) return deciding;
  const of = parts.filter((part) => typeof part !== "boolean");
  const [only] = of;
  if (only === undefined) return !deciding;
  return of.length === 1 ? only : { is, of };
}
