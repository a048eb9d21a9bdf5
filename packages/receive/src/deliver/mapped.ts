import {
  isEnvelope,
  isObject,
  type Json,
  type JsonObject,
  type MappedReader,
  mappedBy,
  putBack,
  type Steps,
  sharedEnvelope,
  treeOf,
  valueOn,
  withoutValues,
} from "@gatepost/protocol";
import type { Part } from "../decode/decode.ts";
import type { MaskedPart } from "./kept.ts";

/** A report of a list, with the reader of its mapping; null if no mapping fits it. */
type Element = { value: Json; reader: MappedReader | null };

/**
 * The parts of a value of unknown shape by the mappings of its box, each with the reader of its mapping; null if none fits.
 */
export function mappedParts({ part, masking }: MaskedPart, readers: readonly MappedReader[]): MaskedPart[] | null {
  const value = "value" in part.read ? part.read.value : null;
  if (readers.length === 0 || part.make !== undefined) return null;
  const mapped = mappedBy(readers, value);
  if (mapped === null) return null;
  if ("reader" in mapped) {
    const taken = withParts(part, mapped.reader);
    return [{ part: taken, masking: "value" in taken.read ? { ...masking, value: taken.read.value } : masking }];
  }
  const parts = isObject(value) ? partsOfList(part, value, mapped) : [];
  return parts.map((one) => ({ part: one, masking: { ...masking, count: 0, value: valueIn(one) } }));
}

function valueIn({ read }: Part): Json {
  return "value" in read ? read.value : null;
}

/** The elements of a list. The rest of the body is their envelope, or is kept with the first if it cannot be one. */
function partsOfList(part: Part, body: JsonObject, { list, elements }: { list: Steps; elements: Element[] }): Part[] {
  const rest = withoutValues(body, treeOf([list]));
  const isKept = isEnvelope(rest);
  const shared = isKept ? sharedEnvelope(rest) : {};
  const flags = "value" in part.read ? part.read.flags : [];
  return elements.map(({ value, reader }, at) => {
    const isFirst = at === 0;
    const beside = isFirst ? rest : shared;
    const envelope = isKept && Object.keys(beside).length > 0 ? { envelope: beside } : {};
    const sourceOf = () => {
      const whole = structuredClone(beside);
      putBack(whole, list, [value]);
      return Buffer.from(JSON.stringify(part.cut?.restored(structuredClone(whole)) ?? whole));
    };
    return {
      read: { value, flags },
      reader,
      source: sourceOf,
      isOfBatch: true,
      ...envelope,
      ...(part.cut && { cut: part.cut }),
      ...(isFirst && part.left && { keep: "part" as const, left: part.left }),
      ...(isFirst && !isKept && Object.keys(rest).length > 0 && { keep: "unwrapped" as const }),
    };
  });
}

/** A part of a form with the pictures that its mapping finds in the other parts of the form, in the places that name them. */
function withParts(part: Part, reader: MappedReader): Part {
  const { left = [], read, keep, ...others } = part;
  const mapped = { ...part, reader };
  if (left.length === 0 || !("value" in read) || !isObject(read.value)) return mapped;
  const value = structuredClone(read.value);
  const placed = new Set<(typeof left)[number]>();
  for (const path of Object.values(reader.picturesAt).flat()) {
    const named = valueOn(value, path);
    const found = left.find(
      ({ id, fileName, name }) => typeof named === "string" && [id, fileName, name].includes(named),
    );
    if (found === undefined) continue;
    putBack(value, path, found.text);
    placed.add(found);
  }
  const rest = left.filter((one) => !placed.has(one));
  const isWhole = rest.length === 0;
  return {
    ...others,
    reader,
    read: { ...read, value },
    ...(isWhole ? {} : { left: rest }),
    ...(keep === undefined || (isWhole && keep === "part") ? {} : { keep }),
  };
}
