import { randomInt } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, deflate, deflateRaw, gzip } from "node:zlib";
import { GatepostError } from "@gatepost/core/errors";
import type { QuarantineRecord, QuarantineSample } from "@gatepost/core/quarantine";
import type { Reservation } from "@gatepost/core/room";
import { unpack, unwatched } from "../decode/body.ts";
import { TooMany } from "../decode/limits.ts";
import type { TerminalForms } from "../decode/terminal-forms.ts";
import { type BodyPiece, Collision, join, valuesIn } from "./pieces.ts";
import { maxSampleValues, SampleReader, tooManyValues, tooMuch } from "./read.ts";
import { StandIns } from "./stand-ins.ts";
import { headerValue } from "./texts.ts";
import { Enumerations } from "./words.ts";

interface Reading {
  held: Reservation;
  /** The forms of other makers' terminals; absent if they are not read. */
  forms?: TerminalForms | undefined;
}

type KeptReport = Pick<QuarantineRecord, "path" | "headers" | "body" | "receivedAt">;

/** Bytes of the largest body of which a sample is made, as sent and unpacked. */
const maxBytes = 4 * 1024 * 1024;

/** Choices of stand-ins that are tried. More are needed only for a body with nearly all numbers of one length. */
const choices = 32;

/**
 * Makes a sample of a kept report: every value and picture becomes another one of the same length and form, and the
 * times are moved. Names, nesting, escapes and encodings stay.
 *
 * @param others further records like it: words that are in several of different persons are enumerations
 */
export async function sampleOf(
  record: KeptReport,
  others: AsyncIterable<KeptReport>,
  { random = (below) => randomInt(below), ...reading }: Reading & { random?: (below: number) => number },
): Promise<QuarantineSample> {
  const { pieces, reader, packed } = await read(record, reading);
  const enumerations = new Enumerations();
  const ofBody = [...valuesIn(pieces)];
  if (ofBody.length > maxSampleValues) throw tooManyValues();
  enumerations.add(ofBody);
  for await (const other of others) enumerations.add(await valuesOf(other, reading));
  const path = pathPieces(record.path);
  const headers = Object.entries(record.headers).map(([name, text]) => ({ name, pieces: headerValue(name, text) }));
  const all = [...pieces, ...path, ...headers.flatMap((header) => header.pieces)];
  const isEnumerated = (text: string) => enumerations.has(text) || reader.partNames.has(text.replace(/^cid:/i, ""));
  const values = [...valuesIn(all)];
  for (let left = choices; left > 0; left--) {
    await nextTurn();
    try {
      const { codings } = reader;
      const standIns = await StandIns.chosen({ values, isEnumerated, codings, receivedAt: record.receivedAt, random });
      const write = (of: readonly BodyPiece[]) => join(of, (value) => standIns.of(value));
      const plain = Buffer.from(write(pieces), "latin1");
      const sent = headers.map((header) => [header.name, write(header.pieces)] as const);
      const made = { path: write(path), kept: [...standIns.kept].sort() };
      // It is packed last: a choice of stand-ins may fail before.
      const body = await packed(plain);
      const withLength = sent.map(
        ([name, text]) => [name, name === "content-length" ? `${body.length}` : text] as const,
      );
      return { ...made, headers: Object.fromEntries(withLength), body };
    } catch (error) {
      if (!(error instanceof Collision)) throw error;
    }
  }
  throw tooMuch("it has too many different values of the same length");
}

interface ReadRecord {
  pieces: BodyPiece[];
  reader: SampleReader;
  /** Puts a body into the content encoding of the record. */
  packed: Pack;
}

async function read({ body: kept, path, headers }: KeptReport, { held, forms }: Reading): Promise<ReadRecord> {
  const sent = Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
  const { bytes, packed } = await unpacked(sent, headers["content-encoding"], held);
  const reader = new SampleReader(headers["content-type"] ?? "");
  const pieces = piecesBy(reader, bytes, forms?.tableAt(path, bytes) != null);
  // A reader that has lost a byte must not replace any.
  const isWhole = join(pieces, ({ text }) => text) === bytes.toString("latin1");
  return { pieces: isWhole ? pieces : [{ text: bytes.toString("latin1"), name: "", kind: "bytes" }], reader, packed };
}

function piecesBy(reader: SampleReader, bytes: Buffer, isTable: boolean): BodyPiece[] {
  try {
    return isTable ? reader.table(bytes) : reader.body(bytes);
  } catch (error) {
    throw error instanceof TooMany ? tooManyValues() : error;
  }
}

async function valuesOf(record: KeptReport, reading: Reading) {
  try {
    return valuesIn((await read(record, reading)).pieces);
  } catch (error) {
    // Words of a report that is too large are not counted.
    if (error instanceof GatepostError && error.kind === "too-large") return [];
    throw error;
  }
}

/** Packs in another thread, because a large body takes long. */
type Pack = (body: Buffer) => Promise<Buffer>;

const brotli = promisify<Buffer, { params: Record<number, number> }, Buffer>(brotliCompress);
const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const inGzip: Pack = promisify(gzip);
const inZlib: Pack = promisify(deflate);
const inRaw: Pack = promisify(deflateRaw);

/** A body without its content encoding, as `unpack` removes it, and how it is put back. */
async function unpacked(sent: Buffer, encoding: string | undefined, held: Reservation) {
  let [bytes, packed]: [Buffer, Pack] = [sent, async (body) => body];
  const layers = encoding?.toLowerCase().split(",", 3).reverse() ?? [""];
  for (const layer of layers) {
    if (bytes.length > maxBytes) break;
    const inner = await unpack(bytes, layer, { held, watching: unwatched });
    if (typeof inner === "string") throw tooMuch("it unpacks to over 4 MB");
    if (inner === bytes) continue;
    const [before, pack] = [packed, packerOf(bytes, layer)];
    packed = async (body) => before(await pack(body));
    bytes = inner;
  }
  if (bytes.length > maxBytes) throw tooMuch("it has over 4 MB");
  return { bytes, packed };
}

function packerOf(bytes: Buffer, layer: string): Pack {
  if (layer.trim() === "br") return (body) => brotli(body, quick);
  if (bytes.length > 2 && bytes.readUInt16BE() === 0x1f8b) return inGzip;
  // The two bytes before the data, which some senders leave out.
  return (Number(bytes[0]) & 0xf) === 8 && bytes.readUInt16BE() % 31 === 0 ? inZlib : inRaw;
}

/** The parts of a path: one of letters alone is a name, and one as `V1.0` a version. */
function pathPieces(path: string): BodyPiece[] {
  return path
    .split(/(\/)/)
    .map((part) => (/^(?:[A-Za-z_]*|\/|[Vv][\d.]{1,5})$/.test(part) ? part : { text: part, name: "", kind: "text" }));
}
