import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import * as z from "zod";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A regular expression of the sources. */
export interface Found {
  /** Its place: path and line. */
  at: string;
  /** Null if it is put together while the program runs. */
  pattern: string | null;
  flags: string;
}

const literal = z.object({
  type: z.literal("Literal"),
  start: z.number(),
  regex: z.object({ pattern: z.string(), flags: z.string() }),
});

const made = z.object({
  type: z.enum(["NewExpression", "CallExpression"]),
  start: z.number(),
  callee: z.object({ type: z.literal("Identifier"), name: z.literal("RegExp") }),
  arguments: z.array(z.unknown()),
});

const text = z.object({ type: z.literal("Literal"), value: z.string() });

/** Every regular expression of a source, written as one or made by RegExp. */
export function expressionsIn(path: string, source: string): Found[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} cannot be read: ${errors[0]?.message}`);
  const found: Found[] = [];
  const lineOf = (start: number) => source.slice(0, start).split("\n").length;
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const expression = expressionOf(node);
    if (expression !== null) {
      const { start, ...rest } = expression;
      found.push({ at: `${path}:${lineOf(start)}`, ...rest });
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(program);
  return found;
}

function expressionOf(node: object): (Omit<Found, "at"> & { start: number }) | null {
  // Nearly every node is something else, which a schema would take long to say.
  if (!("regex" in node) && !("callee" in node)) return null;
  const written = literal.safeParse(node).data;
  if (written !== undefined) return { start: written.start, ...written.regex };
  const call = made.safeParse(node).data;
  if (call === undefined) return null;
  const [pattern, flags] = call.arguments.map((one) => text.safeParse(one).data?.value);
  return { start: call.start, pattern: pattern ?? null, flags: flags ?? "" };
}

/** The expressions of all code that runs in a server, a box's network, a page or a function. */
export function allExpressions(): Found[] {
  const paths = globSync("{packages/*/src,functions,examples}/**/*.{ts,tsx,mjs,js}", { cwd: root });
  return paths
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .flatMap((path) => expressionsIn(path, readFileSync(root + path, "utf8")));
}
