import { type BytesOf, type Interpretation, interpret } from "@gatepost/protocol";
import type { Masking } from "../auth/mask-value.ts";
import { type CutPictures, free } from "../decode/cut-pictures.ts";
import type { Part } from "../decode/decode.ts";
import type { Readable } from "../decode/strict.ts";
import type { ReceiverPorts } from "../ports/ports.ts";
import { asJson, withoutKeys } from "./kept.ts";
import type { Origin } from "./quarantine.ts";

/** A part of a body with its keys masked, and what it means. */
export interface Understood {
  part: Part;
  masking: Masking;
  origin: Origin;
  understood: Interpretation;
  /** Frees the memory of its pictures. Call it once they are stored. */
  release(): void;
}

/** What a part of a body means. Masks the keys in its value, and so changes the value itself. */
export async function understand(sent: Part, delivered: Origin, { settings }: ReceiverPorts): Promise<Understood> {
  const origin = sent.isOfBatch ? { ...delivered, headers: asJson(delivered.headers) } : delivered;
  const { keepFeatures } = settings;
  const { box, path, receivedAt } = origin;
  const arrival = { box, route: path.slice(path.lastIndexOf("/") + 1), receivedAt, keepFeatures };
  const meaning = ({ value, flags }: Readable, bytesOf?: BytesOf) =>
    interpret(value, { ...arrival, flags, ...(bytesOf && { bytesOf }) });

  const { part, masking } = await withoutKeys(sent);
  const { read, cut } = part;
  const release = () => undefined;
  if ("unreadable" in read) return { part, masking, origin, understood: read, release };
  if (cut === undefined) return { part, masking, origin, understood: meaning(read), release };
  const found = new Map<string, Buffer<ArrayBuffer>>();
  const understood = meaning(read, finding(cut, found));
  const areTaken = found.size === cut.countIn(read.value) && !isLeft(cut, understood);
  if (areTaken && reasonToKeep(understood, part) === null) {
    return { part, masking, origin, understood, release: () => free(found.values()) };
  }
  const whole = { ...read, value: cut.restored(read.value) };
  const again = await withoutKeys({ ...part, read: whole });
  again.masking.count += masking.count;
  return { ...again, origin, understood: meaning({ ...whole, value: again.masking.value }), release };
}

/** Why a report is kept as it came, instead of or in addition to its event; null where it is not. */
export function reasonToKeep(understood: Interpretation, { keep }: Part): string | null {
  if ("unreadable" in understood) return understood.unreadable;
  return "passing" in understood ? (understood.passing.keepWhole ?? keep ?? null) : null;
}

/** Whether a mark would be stored in the place of a text. */
function isLeft(cut: CutPictures, understood: Interpretation): boolean {
  return !("passing" in understood) || cut.countIn(understood.passing.report) > 0;
}

/** Gives the bytes of a picture for its mark, and notes in `found` which were asked for. */
function finding(cut: CutPictures, found: Map<string, Buffer<ArrayBuffer>>): BytesOf {
  return (text) => {
    const bytes = cut.find(text);
    if (bytes !== null) found.set(text, bytes);
    return bytes;
  };
}
