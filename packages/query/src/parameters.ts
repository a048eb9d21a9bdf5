import { GatepostError } from "@gatepost/ingest";
import type * as z from "zod";
import { takesSeveral } from "./several.ts";

/**
 * Reads a query string. Throws 400 with the name of what is unknown, repeated without being a list, or not understood: a filter with a typing
 * error must not return everything.
 */
export function readParameters<Schema extends z.ZodObject>(sent: URLSearchParams, schema: Schema): z.output<Schema> {
  const names = [...sent.keys()];
  const unknown = names.filter((name) => !Object.hasOwn(schema.shape, name));
  if (unknown.length > 0) {
    throw new GatepostError("bad-request", `unknown parameter ${quoted(unknown)}; ${known(schema)}`);
  }
  const isList = (name: string) => takesSeveral(schema.shape[name]);
  const repeated = names.filter((name, at) => names.indexOf(name) !== at && !isList(name));
  if (repeated.length > 0) throw new GatepostError("bad-request", `give the parameter ${quoted(repeated)} once`);
  const given = names.map((name) => [name, isList(name) ? sent.getAll(name) : sent.get(name)]);
  const read = schema.safeParse(Object.fromEntries(given));
  if (!read.success) throw new GatepostError("bad-request", explain(read.error, 1));
  return read.data;
}

/** What is wrong with what was sent, by the names of its members, as deep as `depth`. */
export function explain({ issues }: z.ZodError, depth?: number): string {
  const sentences = issues.map(({ path, message }) => {
    return [path.slice(0, depth).join("."), message].filter(Boolean).join(": ");
  });
  return [...new Set(sentences)].join("; ");
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
