import { randomBytes } from "node:crypto";
import { type Mapping, type MappingId, mappingId, mappingIn } from "@gatepost/protocol";
import { type Items, type List, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** A mapping with its revision: each change of it counts one more. */
export type Revised = Mapping & { rev: number };

/** `map_ID`: a mapping as JSON. */
export const mappings = new RecordKind("map_", z.object({ mapping: z.string(), rev: z.int() }));

/** The list of all mappings. */
const allMappings: List = { index: "byBox", name: "mappings" };

export function newMappingId(): MappingId {
  return `map_${randomBytes(9).toString("hex")}`;
}

/** The attributes of a mapping. */
export function mappingAttributes({ id, rev, ...mapping }: Revised) {
  return { mapping: JSON.stringify(mapping), rev, byBox: allMappings.name, at: placeAt(0, id) };
}

/** All mappings. One that cannot be read is null. */
export async function storedMappings(items: Pick<Items, "list">): Promise<{ pk: string; mapping: Revised | null }[]> {
  const found: { pk: string; mapping: Revised | null }[] = [];
  for await (const { pk, item } of items.list({ lists: [allMappings], order: "ascending" }))
    found.push({ pk, mapping: mappingOf(item) });
  return found;
}

/** The mapping of an item; null if it cannot be read. */
export function mappingOf(item: Parameters<typeof mappings.read>[0]): Revised | null {
  const id = mappingId().safeParse(item["pk"]);
  const record = mappings.readable(item);
  const mapping = id.success && record !== null ? mappingIn(id.data, record.mapping) : null;
  return mapping === null || record === null ? null : { ...mapping, rev: record.rev };
}
