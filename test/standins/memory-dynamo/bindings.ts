import type { Row } from "../../../prove/simulation/aws/expressions.ts";

/** An input with expressions, and with names and values for them. */
interface Expressions {
  ConditionExpression?: string | undefined;
  FilterExpression?: string | undefined;
  KeyConditionExpression?: string | undefined;
  UpdateExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Row | undefined;
}

/** DynamoDB refuses a name or a value that no expression has, one that only an expression has, and an empty list of them. */
export function checkBindings(input: Expressions): void {
  const { ConditionExpression, FilterExpression, KeyConditionExpression, UpdateExpression } = input;
  const all = [ConditionExpression, FilterExpression, KeyConditionExpression, UpdateExpression].join(" ");
  for (const [sign, bound] of [
    ["#", input.ExpressionAttributeNames],
    [":", input.ExpressionAttributeValues],
  ] as const) {
    const used = new Set(all.match(new RegExp(`${sign}\\w+`, "g")));
    const given = new Set(Object.keys(bound ?? {}));
    if (bound !== undefined && given.size === 0) throw new Error("a list of names or values is empty");
    const odd = [...used, ...given].filter((name) => !used.has(name) || !given.has(name));
    if (odd.length > 0) throw new Error(`an expression has, or lacks, ${odd.join(", ")}`);
  }
}
