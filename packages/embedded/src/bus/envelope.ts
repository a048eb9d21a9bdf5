import { createHash } from "node:crypto";
import { type BusEntry, busSchemas, type DetailType, type JsonObject } from "@gatepost/protocol";
import * as z from "zod";

/** An entry as EventBridge delivers it. */
export function envelopeOf(entry: BusEntry): JsonObject {
  return {
    version: "0",
    id: envelopeId(entry),
    "detail-type": entry.detailType,
    source: entry.source,
    account: "000000000000",
    time: entry.time,
    region: "local",
    resources: [],
    detail: entry.detail,
  };
}

/** A UUID (version 8) that is the same each time the same entry is put on the bus. */
function envelopeId({ id, detailType }: BusEntry): string {
  const digest = createHash("sha256").update(`${detailType}\n${id}`).digest().subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const detailTypes = Object.keys(busSchemas) as DetailType[];

/** The schema of each kind of entry, as the bus delivers it. */
export const entrySchemas = detailTypes.map((detailType) =>
  z.object({
    version: z.literal("0"),
    id: z.string(),
    "detail-type": z.literal(detailType),
    source: z.literal("gatepost"),
    account: z.string(),
    time: z.string(),
    region: z.string(),
    resources: z.array(z.string()),
    detail: busSchemas[detailType],
  }),
);
