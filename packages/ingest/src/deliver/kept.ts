import { maskBytes } from "../auth/mask.ts";
import { type Masking, maskValue } from "../auth/mask-value.ts";
import type { Body } from "../decode/body.ts";
import { declaredCharset, mayBeUtf8, readTextOf } from "../decode/charset.ts";
import type { Part } from "../decode/decode.ts";
import { unpack, unwatched } from "../decode/unpack.ts";
import { isExcess } from "../decode/values.ts";
import type { Ports } from "../ports/ports.ts";
import type { Origin } from "./quarantine.ts";

/** What quarantine keeps of a body or of one part of it. No key is in it. */
export interface Kept {
  bytes: Uint8Array;
  headers: Origin["headers"];
}

/**
 * The bytes a part came as, with its keys masked; the masked value as JSON, where a key is in them only once they are
 * unpacked or decoded.
 */
export async function keptOfPart(part: Part, masking: Masking, headers: Origin["headers"]): Promise<Kept> {
  const source = part.source();
  const { bytes, count } = await maskBytes(
    Buffer.from(source.buffer, source.byteOffset, source.byteLength),
    masking.spared,
  );
  if (count >= masking.count) return { bytes, headers };
  return { bytes: Buffer.from(JSON.stringify(masking.value)), headers: asJson(headers) };
}

/** A part whose value has no key in it any more. */
interface MaskedPart {
  part: Part;
  masking: Masking;
}

export async function withoutKeys(part: Part): Promise<MaskedPart> {
  const { read } = part;
  const masking = await maskValue("value" in read ? read.value : null);
  return { part: "value" in read ? { ...part, read: { ...read, value: masking.value } } : part, masking };
}

/**
 * A body that nobody could read, with its keys masked: unpacked and in UTF-8, where a key is only in that. A body that
 * was refused for the number of its values is not unpacked again. Throws 503 where there is no room to unpack it.
 */
export async function keptOfBody(
  body: Body,
  reason: string,
  { box, headers }: Pick<Origin, "box" | "headers">,
  { room }: Pick<Ports, "room">,
): Promise<Kept> {
  const sent = await maskBytes(body.bytes);
  if (isExcess(reason)) return { bytes: sent.bytes, headers };
  using held = room.hold(box);
  const unpacked = await unpack(body.bytes, headers["content-encoding"], { held, watching: unwatched });
  const charset = declaredCharset(headers["content-type"] ?? "");
  const isAsSent = unpacked === null || (unpacked === body.bytes && mayBeUtf8(unpacked, charset));
  if (isAsSent) return { bytes: sent.bytes, headers };
  const read = mayBeUtf8(unpacked, charset) ? null : readTextOf(unpacked, charset);
  const plain = await maskBytes(read === null ? unpacked : Buffer.from(read.text));
  if (plain.count <= sent.count) return { bytes: sent.bytes, headers };
  return { bytes: plain.bytes, headers: { ...withoutCoding(headers), "content-type": "text/plain; charset=utf-8" } };
}

/** The headers of what is stored as JSON in UTF-8, however it was sent. */
export function asJson(headers: Origin["headers"]): Origin["headers"] {
  return { ...withoutCoding(headers), "content-type": "application/json" };
}

function withoutCoding({ "content-encoding": _, "content-length": __, ...headers }: Origin["headers"]) {
  return headers;
}
