import { GatepostError } from "@gatepost/ingest";
import type * as z from "zod";

/**
 * Reads a query string. Throws 400 with the name of what is unknown, repeated or not understood: a filter with a typing
 * error must not return everything.
 */
export function readParameters<Schema extends z.ZodObject>(sent: URLSearchParams, schema: Schema): z.output<Schema> {
  const names = [...sent.keys()];
  const unknown = names.filter((name) => !Object.hasOwn(schema.shape, name));
  if (unknown.length > 0) {
    throw new GatepostError("bad-request", `unknown parameter ${quoted(unknown)}; ${known(schema)}`);
  }
  const repeated = names.filter((name, at) => names.indexOf(name) !== at);
  if (repeated.length > 0) throw new GatepostError("bad-request", `give the parameter ${quoted(repeated)} once`);
  const read = schema.safeParse(Object.fromEntries(sent));
  if (!read.success) throw new GatepostError("bad-request", explain(read.error));
  return read.data;
}

/** What is wrong with what was sent, by the names of its members. */
export function explain({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": ")).join("; ");
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
