import * as z from "zod/mini";
import { jsonIn } from "./json.ts";

/**
 * A stored value is not as this version stores it: the message names the row and the members, and none of their values.
 */
export class BrokenRow extends Error {
  readonly #row: string;

  /** @param row the name by which a person finds it, as `event evt_…` */
  constructor(row: string, faults: string) {
    super(`${row} is not as this version stores it: ${faults}`);
    this.#row = row;
  }

  /** The id of the event whose row it is. Null: another row, which may be needed for many events. */
  get event(): string | null {
    return /\b(?:event|row) (evt_[\w-]+)$/.exec(this.#row)?.[1] ?? null;
  }
}

/**
 * Reads a stored value by its schema. Throws a BrokenRow if it does not match.
 *
 * @param row the name by which a person finds it, as `event evt_…`
 * @example parseStored(z.object({ revision: z.number() }), statement.get(), "last_revision").revision
 */
export function parseStored<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  row: string,
): z.output<Schema> {
  const read = z.safeParse(schema, value);
  if (read.success) return read.data;
  throw new BrokenRow(row, read.error.issues.map(fault).join("; "));
}

/**
 * The JSON of a value to store. Throws a BrokenRow if its schema could not read it again: a written row is
 * acknowledged, so an unreadable row would be a loss.
 *
 * @param row the name by which a person finds it, as `event evt_…`
 */
export function toStoredJson(schema: z.core.$ZodType, value: unknown, row: string): string {
  const text = JSON.stringify(value);
  // Parsing takes longer than all the rest. Only members that are undefined make a value differ from its JSON.
  if (!z.safeParse(schema, value).success) parseStored(schema, jsonIn(text), row);
  return text;
}

/** A text that is the JSON of something. */
export function storedJson<Schema extends z.core.$ZodType>(schema: Schema) {
  return z.pipe(
    z.pipe(
      z.string(),
      z.transform((text: string): unknown => jsonIn(text)),
    ),
    schema,
  );
}

function fault(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  return `${path === "" ? "" : `${path}: `}${"expected" in issue ? `expected ${issue.expected}` : issue.code}`;
}
