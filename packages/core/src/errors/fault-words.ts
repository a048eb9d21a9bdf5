import type * as z from "zod";

/** The words for the types of the schemas. */
const kinds: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** The unit in which the size of a value is counted. */
const units: Record<string, string> = { string: " characters", array: " values", set: " values" };

/** Says what a refused value must be, if the schema has no message. Undefined keeps the message of zod. */
export function faultInWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return typeInWords(issue);
    case "invalid_value":
      return oneOf(issue.values.map(String));
    case "invalid_union":
      return Array.isArray(issue["options"]) ? oneOf(issue["options"].map(String)) : undefined;
    case "too_big":
      return `must ${sizeInWords(issue.origin, issue.maximum)} at most`;
    case "too_small":
      return `must ${sizeInWords(issue.origin, issue.minimum)} at least`;
    case "unrecognized_keys":
      return `unknown ${issue.keys.map((key) => JSON.stringify(key.slice(0, 40).toWellFormed())).join(", ")}`;
    case "invalid_format":
      return issue.format === "date" ? "must be a day as 2026-10-01" : undefined;
    default:
      return undefined;
  }
}

function typeInWords({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string | undefined {
  const kind = kinds[expected];
  if (input === undefined) return kind === undefined ? "must be given" : `must be given: it is ${kind}`;
  return kind === undefined ? undefined : `must be ${kind}`;
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(", ")}`;
}

function sizeInWords(origin: string, size: number | bigint): string {
  const unit = units[origin];
  return unit === undefined ? `be ${size}` : `have ${size}${unit}`;
}
