import { type QuarantineRecord, type RecordInBox, shapeKeyOf } from "@gatepost/core/quarantine";
import { type Entry, placeAt } from "@gatepost/store";

/*
 * The place of a record in the lists ends with its shape and its bytes: so a full box chooses what goes first by one look
 * at its list, without its rows. Records that an earlier build has written are of one shape.
 */

/** The shape of a record as it is stored, with its bytes: its place in the lists ends with it. */
export function shapeText(record: QuarantineRecord): string {
  const { shape, body } = record;
  return `${shape?.isPassing === true ? "p" : "o"}${shapeKeyOf(record)}_${body.length.toString(36)}`;
}

/** @param shape as `shapeText` gives it; absent in a row that an earlier build has written */
export function recordPlace({ id, receivedAt }: Pick<QuarantineRecord, "id" | "receivedAt">, shape?: string): string {
  return shape === undefined ? placeAt(receivedAt, id) : `${placeAt(receivedAt, id)}_${shape}`;
}

/** A record in the list of its box. */
export function listedOf({ pk, at }: Entry): RecordInBox {
  const end = at.slice(at.lastIndexOf("_") - 18);
  const [, kind, shape = "", bytes = "0"] = /^_([op])(\w{16})_(\w+)$/.exec(end) ?? [];
  return { id: pk, shape, isPassing: kind === "p", bytes: Number.parseInt(bytes, 36) };
}
