import { isUtf8 } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Body } from "./body.ts";
import { declaredCharset, mayBeUtf8, readTextOf, wideCharset } from "./charset.ts";
import { Crowd } from "./crowd.ts";
import { isPacked, type Unpacking, unpack, unwatched } from "./unpack.ts";
import { maxValues, TooMany } from "./values.ts";

/** Bytes that are read in one turn, so that other requests get their turns. */
const turnBytes = 4 * 1024 * 1024;

/** A body of more bytes, as sent or unpacked, is large. */
const largeBytes = 1024 * 1024;

/** Bytes that are copied at once to be read. */
const windowBytes = 64 * 1024;

/** A shorter body cannot have more values than are allowed: each takes at least two characters. */
const fewBytes = 2 * maxValues;

/** A body that is not read, because it has more values or reports than may be parsed, or unpacks to too much. */
export interface Unopened {
  unreadable: string;
  /** Bytes that were unpacked before that was known. */
  unpackedBytes: number;
}

type Held = Unpacking["held"];

/** The body without its content encoding. Throws 503 if memory has no room for the unpacked bytes. */
export function openBody(body: Body, encoding: string | undefined, held: Held): Promise<Body | Unopened>;

/** The same, but `large` if it has over 1 MB, or unpacks to over 1 MB. */
export function openBody(
  body: Body,
  encoding: string | undefined,
  held: Held,
  bound: "small",
): Promise<Body | Unopened | "large">;

export async function openBody(
  body: Body,
  encoding: string | undefined,
  held: Held,
  bound?: "small",
): Promise<Body | Unopened | "large"> {
  const isBounded = bound !== undefined;
  // A text comes from Lambda: it has no encoding, and is short.
  if (body.text !== null) return body;
  if (isBounded && body.bytes.length > largeBytes) return "large";
  // Nearly every body ends here: for a small one, trying to unpack it would cost more than parsing it.
  if (body.bytes.length <= fewBytes && !isPacked(body.bytes, encoding)) return body;
  let crowd = new Crowd();
  const watching = () => {
    crowd = new Crowd();
    return (piece: Buffer) => crowd.see(piece);
  };
  try {
    const unpacked = await unpack(body.bytes, encoding, { held, isBounded, watching });
    if (unpacked === "large") return unpacked;
    if (typeof unpacked === "string") return { unreadable: unpacked, unpackedBytes: crowd.bytes };
    const isSeen = unpacked !== body.bytes && crowd.bytes === unpacked.length;
    if (!isSeen && unpacked.length > fewBytes) await seeAll(unpacked);
    return unpacked === body.bytes ? body : new Body(body.bytes, unpacked);
  } catch (error) {
    if (error instanceof TooMany) return { unreadable: error.reason, unpackedBytes: crowd.bytes };
    throw error;
  }
}

/** The content of a body in UTF-8, of any length. Empty if there is more than may be unpacked. */
export async function utf8Of(body: Body, headers: Readonly<Record<string, string>>, held: Held): Promise<Buffer> {
  const unpacked = await unpack(body.bytes, headers["content-encoding"], { held, watching: unwatched });
  const bytes = typeof unpacked === "string" ? Buffer.alloc(0) : unpacked;
  const charset = declaredCharset(headers["content-type"] ?? "");
  if (mayBeUtf8(bytes, charset) && isUtf8(bytes)) return bytes;
  const wide = wideCharset(bytes, charset);
  return wide === null ? Buffer.from(readTextOf(bytes, charset)?.text ?? "") : ofWide(bytes, wide);
}

/** UTF-16 as UTF-8. Empty where the bytes are not UTF-16. */
async function ofWide(bytes: Buffer, charset: string): Promise<Buffer> {
  const decoder = new TextDecoder(charset, { fatal: true });
  const pieces: Buffer[] = [];
  try {
    for (let from = 0; from < bytes.length; from += turnBytes) {
      const stream = from + turnBytes < bytes.length;
      pieces.push(Buffer.from(decoder.decode(bytes.subarray(from, from + turnBytes), { stream })));
      await nextTurn();
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(pieces);
}

async function seeAll(bytes: Buffer): Promise<void> {
  const crowd = new Crowd();
  // A server may keep large bodies in resizable memory, which V8 reads several times slower byte by byte.
  const window = Buffer.allocUnsafe(windowBytes);
  for (let from = 0; from < bytes.length; from += windowBytes) {
    crowd.see(window.subarray(0, bytes.copy(window, 0, from)));
    if (from % turnBytes === turnBytes - windowBytes) await nextTurn();
  }
}
