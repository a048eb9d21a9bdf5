import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The forms in which something may be stored: as it is, as JSON escapes it, percent-encoded, and in base64 wherever it
 * may begin there.
 */
function formsOf(trace: string | Buffer): Buffer[] {
  const bytes = Buffer.from(trace);
  const forms = [bytes, Buffer.from(bytes.toString("hex")), ...inBase64(bytes)];
  if (typeof trace !== "string") return forms;
  const escaped = trace.replaceAll(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [...forms, Buffer.from(escaped), Buffer.from(escaped.toUpperCase()), Buffer.from(encodeURIComponent(trace))];
}

/** The certain part of it in base64, for each of the three offsets at which it may begin. */
function inBase64(bytes: Buffer): Buffer[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return Buffer.from(text.slice(before === 0 ? 0 : before + 1, -4));
  });
}

/** The names of the files that contain any of the traces, in any form. */
export function holding(traces: readonly (string | Buffer)[], stored: ReadonlyMap<string, Buffer>): string[] {
  const forms = traces.flatMap(formsOf);
  return [...stored].filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([name]) => name);
}

/** All files below a folder. */
export async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)));
}
