import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isPem } from "@gatepost/core/authority";
import { type Source, sourcesSchema } from "@gatepost/core/sources";
import { replaceFile } from "@gatepost/sqlite";

export const sourcesFile = "sources.json";

const maxBytes = 1024 * 1024;

/** The sources of a file, or why it cannot be used. */
export type ReadSources = { sources: readonly Source[] } | { fault: string };

/** Reads `sources.json`. Without the file there are no sources. The fault quotes no text, which may be a secret. */
export function readSources(path: string): ReadSources {
  let text: string;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { sources: [] };
    if (stats.size > maxBytes) return { fault: "sources.json may have 1 MB" };
    text = readFileSync(path, "utf8").replace(/^\u{feff}/u, "");
  } catch (error) {
    const { code = "it failed" } = error as NodeJS.ErrnoException;
    return { fault: `sources.json cannot be read: ${code}` };
  }
  const read = sourcesIn(text);
  return typeof read === "string" ? { fault: read } : { sources: read };
}

/** The sources in the text of the file, or its fault. */
function sourcesIn(text: string): readonly Source[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "sources.json is no JSON: correct it";
  }
  const read = sourcesSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("") ?? "";
  const what = issue?.code === "unrecognized_keys" ? `has an unknown member ${issue.keys[0]}` : issue?.message;
  return `sources.json${place} ${what}`;
}

/** Reads the password of a source; null if it has none. Throws if the file cannot be read. */
export function passwordOf({ passwordFile }: Source, folder: string): string | null {
  if (passwordFile === undefined) return null;
  const path = resolve(folder, passwordFile);
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    const { code = "it failed" } = cause as NodeJS.ErrnoException;
    throw new Error(`passwordFile cannot be read (${code}): put the file at ${path}`, { cause });
  }
}

/** The authority of a source: as PEM, or a file of it, which is read for each connection; null if it names none. */
export function authorityOf({ ca }: Source, folder: string): string | null {
  if (ca === undefined) return null;
  return isPem(ca) ? ca : resolve(folder, ca);
}

/** The files that the sources of a data folder name. */
export function filesOfSources(folder: string): string[] {
  const read = readSources(join(folder, sourcesFile));
  const named = "fault" in read ? [] : read.sources.flatMap(({ passwordFile, ca }) => [passwordFile, ca]);
  return named.flatMap((name) => (name === undefined || isPem(name) ? [] : [name]));
}

/** Changes `sources.json` of a data folder. Throws if it cannot be used, before or after the change; then it stays. */
export function changeSources(folder: string, change: (sources: readonly Source[]) => readonly Source[]): void {
  const path = join(folder, sourcesFile);
  const read = readSources(path);
  if ("fault" in read) throw new Error(read.fault);
  const text = `${JSON.stringify(change(read.sources), null, 2)}\n`;
  const wrong = sourcesIn(text);
  if (typeof wrong === "string") throw new Error(wrong);
  replaceFile(path, text);
}
