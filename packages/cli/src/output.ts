import { writeFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { Failure, NotReached, sayWhy } from "./failure.ts";
import { completed, type HintTarget } from "./hints.ts";
import { plain } from "./plain.ts";
import { noting } from "./remote.ts";

/** Prints an answer: as one JSON document if that was asked for, else in words with complete hints. Throws as `writeOut`. */
export function print(
  document: unknown,
  inWords: () => string,
  { json, ...target }: { json?: true } & HintTarget,
): void {
  writeOut(`${json ? JSON.stringify(document) : completed(inWords(), target)}\n`);
}

/** Writes an answer. Throws Failure if it cannot be written; a reader that went away has all it wanted. */
export function writeOut(answer: string | Uint8Array): void {
  process.stdout.write(answer);
  const { errored } = process.stdout;
  if (errored !== null && !("code" in errored && errored.code === "EPIPE"))
    throw new Failure(`the answer could not be written: ${sayWhy(errored)}`, { cause: errored });
}

/** East Asian characters and emoji, which take two columns of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;

/** Accents and joiners, which take no column of their own. */
const narrow = /[\p{Mn}\u200c\u200d]/gu;

/** The columns of a terminal that a line takes. */
export function widthOf(line: string): number {
  return [...line].length + (line.match(wide)?.length ?? 0) - (line.match(narrow)?.length ?? 0);
}

/**
 * Rows under their titles, in columns as wide as needed. If they are wider than `maxWidth`, the cells of the widest
 * columns are cut, except in the last one, which has ids.
 */
export function table(
  titles: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  maxWidth = Number.POSITIVE_INFINITY,
): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => plain(String(cell ?? "-")).replaceAll(/\s/g, " ")));
  const widths = titles.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? "")), 0),
  );
  const total = () => widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
  while (total() > maxWidth) {
    const widest = Math.max(...widths.slice(0, -1));
    if (widest <= minWidth) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  const line = (row: readonly string[]) => row.map((cell, column) => fitted(cell, widths[column] ?? 0)).join(gap);
  return cells.map((row) => line(row).trimEnd()).join("\n");
}

const gap = "  ";
/** The width below which no column is cut. */
const minWidth = 4;

/** A text that takes exactly `width` columns. */
function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text + " ".repeat(width - widthOf(text));
  const characters = [...text];
  while (widthOf(characters.join("")) >= width) characters.pop();
  return fitted(`${characters.join("")}…`, width);
}

/**
 * The first of some names, and how many more there are.
 *
 * @example
 * listed(["a", "b", "c"], 2); // "a, b and 1 more"
 */
export function listed(names: readonly string[], max: number): string {
  const more = names.length - max;
  return `${names.slice(0, max).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Makes a stream to a file fail if the disk took only a part of a write. Node's own stream counts that as written. */
export function writeWhole(stream: Writable, descriptor: number): void {
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      writeFileSync(descriptor, chunk);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  };
}

/** Of an answer that is read at once. A report of 64 MB in quarantine may take six times as much as JSON: `\u0001`. */
const maxMegabytes = 400;

/** An answer with its whole body. Throws Failure if it breaks off, or is larger than any answer of Gatepost. */
export async function readFully(answer: Response, place: string): Promise<Response> {
  const { body } = answer;
  return body === null ? answer : new Response(await noting(place, () => bytesOf(body, place)), answer);
}

async function bytesOf(body: ReadableStream<Uint8Array>, place: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of read(body, place)) {
    bytes += chunk.length;
    if (bytes > maxMegabytes * 1024 * 1024) {
      throw new Failure(`no Gatepost answers at ${place}, but something that sends over ${maxMegabytes} MB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* read(body: ReadableStream<Uint8Array>, place: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new NotReached(`the answer of ${place} broke off: ${sayWhy(cause)}; try again`, { cause });
  }
}
