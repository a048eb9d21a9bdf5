import {
  isEnvelope,
  isObject,
  type Json,
  type JsonObject,
  type MappedReader,
  mappedBy,
  omitAbsent,
  putBack,
  type Steps,
  sharedEnvelope,
  treeOf,
  valueOn,
  withoutValues,
} from "@gatepost/protocol";
import type { Part } from "../decode/decode.ts";
import { formOf, type LeftPart } from "../decode/form.ts";
import type { MaskedPart } from "../deliver/kept.ts";

/** A report of a list, with the reader of its mapping; null if no mapping fits it. */
type Element = { value: Json; reader: MappedReader | null };

/**
 * The parts of a value of unknown shape by the mappings of its box, each with the reader of its mapping; null if none fits.
 */
export function mappedParts(
  { part, masking }: MaskedPart,
  flags: readonly string[],
  readers: readonly MappedReader[],
): MaskedPart[] | null {
  const { value } = masking;
  const mapped = mappedBy(readers, value);
  if (mapped === null || !isObject(value)) return null;
  if ("reader" in mapped) {
    const filled = part.left === undefined ? value : structuredClone(value);
    const left = withoutPlaced(part.left ?? [], filled, mapped.reader);
    return [
      {
        part: { ...taken(part, left), reader: mapped.reader, read: { value: filled, flags } },
        masking: { ...masking, value: filled },
      },
    ];
  }
  return elementsOf(part, value, mapped).map(({ value: element, ...one }) => ({
    part: { ...one, read: { value: element, flags } },
    masking: { ...masking, count: 0, value: element },
  }));
}

/**
 * The elements of a list. The rest of the body is their envelope, or is kept with the first if it cannot be one: with the
 * first that is no sign of life, of which nothing is kept.
 */
function elementsOf(part: Part, body: JsonObject, { list, elements }: { list: Steps; elements: Element[] }) {
  const rest = withoutValues(body, treeOf([list]));
  const isKept = isEnvelope(rest);
  const shared = isKept ? sharedEnvelope(rest) : {};
  const first = elements.find(({ value, reader }) => reader === null || reader.signOf(value) === null) ?? elements[0];
  return elements.map((element) => {
    const { value, reader } = element;
    const isFirst = element === first;
    const beside = isFirst ? rest : shared;
    const envelope = isKept && Object.keys(beside).length > 0 ? { envelope: beside } : {};
    const source = () => {
      const whole = structuredClone(beside);
      putBack(whole, list, [structuredClone(value)]);
      const restored = part.cut?.restored(whole) ?? whole;
      return isFirst && part.left ? formOf(restored, part.left) : Buffer.from(JSON.stringify(restored));
    };
    return {
      value,
      reader,
      source,
      isOfBatch: true,
      around: body,
      ...envelope,
      ...omitAbsent({ cut: part.cut, files: isFirst ? part.files : null }),
      ...(isFirst && part.left && { keep: "part" as const, left: part.left }),
      ...(isFirst && !isKept && { keep: "unwrapped" as const }),
    };
  });
}

/** Puts the pictures in other parts of a form in the places of the mapping that name them. Returns the other parts. */
function withoutPlaced(left: readonly LeftPart[], value: JsonObject, { picturesAt }: MappedReader): LeftPart[] {
  const placed = new Set<LeftPart>();
  for (const path of Object.values(picturesAt).flat()) {
    const named = valueOn(value, path);
    const found = left.find(({ id, fileName, name }) =>
      [id, fileName, name].some((one) => one !== "" && one === named),
    );
    if (found === undefined) continue;
    putBack(value, path, found.text);
    placed.add(found);
  }
  return left.filter((one) => !placed.has(one));
}

/** The part with these parts of its form left. It need not be kept for them if there are none. */
function taken({ left: before, keep, ...part }: Part, left: LeftPart[]): Part {
  if (left.length > 0) return { ...part, left, ...omitAbsent({ keep }) };
  return keep === undefined || (keep === "part" && before !== undefined) ? part : { ...part, keep };
}
