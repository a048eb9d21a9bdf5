import { keyFormsOf, type Masking, maskBytes, maskValue, secretsIn } from "@gatepost/core/masking";
import type { LimitedKey, QuarantineRecord, RecordShape } from "@gatepost/core/quarantine";
import { jsonIn, type Mapping } from "@gatepost/protocol";
import type { Body } from "../decode/body.ts";
import { tooDense, type Unpacking, unpack, unwatched } from "../decode/body.ts";
import type { Part } from "../decode/decode.ts";
import { formOf } from "../decode/form.ts";
import { isExcess } from "../decode/limits.ts";
import type { TerminalForms } from "../decode/terminal-forms.ts";
import { declaredCharset, mayBeUtf8, readTextOf } from "../decode/text.ts";

/** The origin of a report. All parts of a batch have the same one. */
export interface Origin {
  box: string;
  /** The path without the key, as `/HistoryEvent`. */
  path: string;
  headers: Record<string, string>;
  /** ms since 1970. */
  receivedAt: number;
  /** On a replay: the event that was made of the report before. */
  event: QuarantineRecord["event"];
  /** The time zone of the box, if it is read already. Null if none is known. */
  zone?: string | null;
  /** The mappings of the box, if they are read already, in the order in which they are tried. */
  mappings?: readonly Mapping[];
  /** The key that delivered it, if its rate is limited. */
  key?: LimitedKey;
  /** Whether the report was received before, and is taken again. */
  isReplay?: true;
}

/** The form in which quarantine keeps a body or one part. It contains no key. */
export interface Kept {
  bytes: Uint8Array;
  headers: Origin["headers"];
  /** The shape of a report of which no format is known. Absent for any other, and for a whole body. */
  shape?: RecordShape;
}

/**
 * The bytes of a part as received, with their keys masked. If a key appears only after unpacking or decoding, the
 * masked value as JSON.
 */
export async function keptOfPart(
  part: Part,
  masking: Masking,
  headers: Origin["headers"],
  forms: TerminalForms | undefined,
): Promise<Kept> {
  const source = part.source();
  const sent = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  // A part that was read has lost its templates already.
  const plain = "value" in part.read ? sent : withoutTemplates(sent, forms);
  const { bytes, count } = await maskBytes(plain, masking.spared);
  if (count >= masking.count) return { bytes, headers };
  const { value } = masking;
  return {
    bytes: part.left === undefined ? Buffer.from(JSON.stringify(value)) : formOf(value, part.left),
    headers: asJson(headers),
  };
}

/** Reports as a JSON list: each as it was kept if that is JSON, else the same as a text. */
export function listOf(reports: readonly Uint8Array[]): Buffer {
  const elements = reports.flatMap((bytes, at) => {
    const text = Buffer.from(bytes).toString();
    return [at === 0 ? "[" : ",", jsonIn(text) === undefined ? JSON.stringify(text) : text];
  });
  return Buffer.concat([...elements, "]"].map((text) => Buffer.from(text)));
}

/** A part whose value no longer contains a key. */
export interface MaskedPart {
  part: Part;
  masking: Masking;
}

export async function withoutKeys(part: Part): Promise<MaskedPart> {
  const { read } = part;
  const masking = await maskValue("value" in read ? read.value : null);
  if (part.envelope !== undefined) await maskValue(part.envelope);
  if (part.left !== undefined) masking.count += (await maskValue(part.left)).count;
  return { part: "value" in read ? { ...part, read: { ...read, value: masking.value } } : part, masking };
}

/**
 * A body that could not be read, with its keys masked. If some key appears only after unpacking or decoding, it is kept
 * unpacked and in UTF-8. A body that was refused for the number of its values is not unpacked again. Throws 503 if there
 * is no room to unpack it.
 */
export async function keptOfBody(
  body: Body,
  reason: string,
  headers: Origin["headers"],
  { held, forms }: { held: Unpacking["held"]; forms?: TerminalForms | undefined },
): Promise<Kept> {
  const sent = await maskBytes(withoutTemplates(body.bytes, forms));
  if (isExcess(reason) || reason === tooDense) return { bytes: sent.bytes, headers };
  const unpacked = await unpack(body.bytes, headers["content-encoding"], { held, watching: unwatched });
  if (typeof unpacked === "string") return { bytes: sent.bytes, headers };
  try {
    return (await keptUnpacked(unpacked, body, sent.count, headers)) ?? { bytes: sent.bytes, headers };
  } finally {
    if (unpacked !== body.bytes) held.give(unpacked.length);
  }
}

function withoutTemplates(bytes: Buffer, forms: TerminalForms | undefined): Buffer {
  return forms?.withoutTemplates(bytes) ?? bytes;
}

/** Null if unpacking and decoding show no more keys than the body has as it was sent. */
async function keptUnpacked(
  unpacked: Buffer,
  body: Body,
  countAsSent: number,
  headers: Origin["headers"],
): Promise<Kept | null> {
  const charset = declaredCharset(headers["content-type"] ?? "");
  if (unpacked === body.bytes && mayBeUtf8(unpacked, charset)) return null;
  const read = mayBeUtf8(unpacked, charset) ? null : readTextOf(unpacked, charset);
  // The bytes of a decoded text are made only for keys: a third copy of a large body is dear.
  if (read !== null && !(await hasMoreKeys(read.text, countAsSent))) return null;
  const plain = await maskBytes(read === null ? unpacked : Buffer.from(read.text));
  if (plain.count <= countAsSent) return null;
  return { bytes: plain.bytes, headers: { ...withoutCoding(headers), "content-type": "text/plain; charset=utf-8" } };
}

/** True if a text has more key forms and secrets than `count`. Key forms inside pictures count, too. */
async function hasMoreKeys(text: string, count: number): Promise<boolean> {
  let found = secretsIn(text).length;
  if (found > count) return true;
  for await (const forms of keyFormsOf(text)) {
    found += forms.length;
    if (found > count) return true;
  }
  return false;
}

/** The headers for a body that is stored as JSON in UTF-8, in any form it was sent. */
export function asJson(headers: Origin["headers"]): Origin["headers"] {
  return { ...withoutCoding(headers), "content-type": "application/json" };
}

function withoutCoding({ "content-encoding": _, "content-length": __, ...headers }: Origin["headers"]) {
  return headers;
}
