import * as z from "zod";
import { GatepostError } from "../errors/errors.ts";
import { faultInWords } from "../errors/fault-words.ts";

/** How many values one parameter may have. */
const maxValues = 20;

/** One value, or several, any of which matches. */
export type OneOrMore<Value> = Value | readonly Value[];

/** A parameter that may be given several times, `?type=stranger&type=blacklist`: any of its values will do. */
export function several<Value extends z.ZodType>(value: Value) {
  return z
    .array(value)
    .min(1)
    .max(maxValues, `give ${maxValues} values at most`)
    .transform((values): OneOrMore<z.output<Value>> => {
      const [first, ...others] = [...new Set(values)];
      return others.length === 0 && first !== undefined ? first : [...new Set(values)];
    });
}

/** A parameter with several values in one text, `?state=pending,failed`. */
export function listed<Word extends string>(words: readonly [Word, ...Word[]]) {
  const anyWord = `(${words.join("|")})`;
  return z
    .string()
    .regex(new RegExp(`^${anyWord}(,${anyWord})*$`), `must be of ${words.join(", ")}, separated by commas`)
    .max(512)
    .transform((text) => [...new Set(text.split(","))] as Word[]);
}

/** Whether a parameter may be given several times. */
export function takesSeveral(schema: unknown): boolean {
  if (schema instanceof z.ZodExactOptional) return takesSeveral(schema.def.innerType);
  return schema instanceof z.ZodPipe ? takesSeveral(schema.def.in) : schema instanceof z.ZodArray;
}

/** All values of one or more; undefined if none were given. */
export function valuesOf<Value extends NonNullable<unknown>>(given: OneOrMore<Value>): readonly Value[];
export function valuesOf<Value>(given: OneOrMore<Value> | undefined): readonly Value[] | undefined;
export function valuesOf(given: unknown): readonly unknown[] | undefined {
  return given === undefined || Array.isArray(given) ? given : [given];
}

/**
 * Reads a query string. Throws 400 with the name of a parameter that is unknown, repeated without being a list, or not
 * understood: a filter with a typing error must not return everything. A schema with a catchall takes unknown ones.
 */
export function readParameters<Schema extends z.ZodObject>(sent: URLSearchParams, schema: Schema): z.output<Schema> {
  const names = [...sent.keys()];
  const unknown = names.filter((name) => !Object.hasOwn(schema.shape, name));
  if (unknown.length > 0 && schema.def.catchall === undefined) {
    throw new GatepostError("bad-request", `unknown parameter ${quoted(unknown)}; ${known(schema)}`);
  }
  const isList = (name: string) => takesSeveral(schema.shape[name]);
  const repeated = names.filter((name, at) => names.indexOf(name) !== at && !isList(name));
  if (repeated.length > 0) throw new GatepostError("bad-request", `give the parameter ${quoted(repeated)} once`);
  const given = names.map((name) => [name, isList(name) ? sent.getAll(name) : sent.get(name)]);
  const read = schema.safeParse(Object.fromEntries(given), { error: faultInWords });
  if (!read.success) throw new GatepostError("bad-request", explain(read.error, 1));
  return read.data;
}

/** The faults of a sent value, by the names of its members, as deep as `depth`. */
export function explain({ issues }: Pick<z.ZodError, "issues">, depth?: number): string {
  const sentences = issues.map((issue) => {
    const forms = nearestForms(issue);
    if (forms.length > 0) return forms.map((form) => explain({ issues: form }, depth)).join(", or ");
    return [issue.path.slice(0, depth).join("."), issue.message].filter(Boolean).join(": ");
  });
  return [...new Set(sentences)].join("; ");
}

/**
 * For a value that may have one of several forms: the faults of the nearest forms, those with the fewest and deepest
 * faults. Empty if the schema has its own message.
 */
function nearestForms(issue: z.core.$ZodIssue): z.core.$ZodIssue[][] {
  if (issue.code !== "invalid_union" || issue.message !== "Invalid input") return [];
  const fewest = Math.min(...issue.errors.map((faults) => faults.length));
  const near = issue.errors.filter((faults) => faults.length === fewest);
  const depthOf = (faults: readonly z.core.$ZodIssue[]) => Math.max(...faults.map(({ path }) => path.length));
  const deepest = Math.max(...near.map(depthOf));
  return near
    .filter((faults) => depthOf(faults) === deepest)
    .map((faults) => faults.map((fault) => ({ ...fault, path: [...issue.path, ...fault.path] })));
}

function quoted(names: readonly string[]): string {
  return [...new Set(names)]
    .slice(0, 5)
    .map((name) => JSON.stringify(name.slice(0, 40).toWellFormed()))
    .join(", ");
}

function known({ shape }: z.ZodObject): string {
  const names = Object.keys(shape);
  return names.length === 0 ? "this address takes none" : `known are ${names.join(", ")}`;
}
