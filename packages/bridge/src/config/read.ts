import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { whyOf } from "../why.ts";
import { messageOf } from "./message.ts";
import { type BridgeConfig, configSchema } from "./schema.ts";

/** The file cannot be used. The message names the line and says what to do. */
export class ConfigError extends Error {}

const maxBytes = 1024 * 1024;

/** Reads the bridge's YAML file. Relative paths in it start at its folder. Throws ConfigError. */
export function readConfig(file: string): BridgeConfig {
  const config = parseConfig(load(file), file);
  return { ...config, spool: { ...config.spool, folder: resolve(dirname(file), config.spool.folder) } };
}

function load(file: string): string {
  try {
    if (statSync(file).size > maxBytes) throw new ConfigError(`${file}: it is too large to be a configuration`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new ConfigError(`cannot read ${file}: there is none; write it as docs/bridge.md says, or name another`);
    throw new ConfigError(`cannot read ${file}: ${whyOf(error)}`);
  }
}

/** Reads YAML text. Messages call it `name`. */
export function parseConfig(text: string, name: string): BridgeConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", prettyErrors: false, stringKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ConfigError(`${name}, line ${lines.linePos(error.pos[0]).line}: ${error.message}; it must be YAML`);
  }
  const read = configSchema.safeParse(plainOf(document, name));
  if (read.success) return read.data;
  throw new ConfigError(
    read.error.issues
      .slice(0, 5)
      .map((issue) => explain(issue, { document, lines, name }))
      .join("; "),
  );
}

/** The parser refuses aliases that expand to far more text than was written. */
function plainOf(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    throw new ConfigError(`${name}: ${whyOf(error)}; write it out`);
  }
}

function explain(
  issue: z.core.$ZodIssue,
  { document, lines, name }: { document: Document; lines: LineCounter; name: string },
): string {
  const path = issue.path.filter((key) => typeof key !== "symbol");
  const where = path.length === 0 ? "" : ` ${path.join(".")}:`;
  return `${name}, line ${lineOf(document, lines, path)}:${where} ${messageOf(issue)}`;
}

/** The line of a member, or of the closest existing member around it. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
