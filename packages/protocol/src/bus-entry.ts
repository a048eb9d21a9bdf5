import type * as z from "zod/mini";
import type { busSchemas } from "./bus-schemas.ts";

/** Bytes of an entry as JSON, at most: so EventBridge delivers it to every kind of target. */
export const busEntryBytes = 256 * 1024;

export type DetailType = keyof typeof busSchemas;

export interface EntryOf<Type extends DetailType> {
  /** Equal for every try to deliver the same. */
  id: string;
  source: "gatepost";
  detailType: Type;
  /** ISO instant. */
  time: string;
  detail: z.output<(typeof busSchemas)[Type]>;
}

/** An entry about a box, or about one of its devices. */
export type BoxEntry = EntryOf<"Box Silent"> | EntryOf<"Box Recovered">;

/** An entry of the bus as EventBridge takes it; the embedded bus delivers the same. Its type tells what its detail is. */
export type BusEntry = { [Type in DetailType]: EntryOf<Type> }[DetailType];

/** An entry about an event. */
export type EventEntry = Exclude<BusEntry, BoxEntry>;

/** The id of the event that an entry is about; null where it is about a box. */
export function eventIdOf(entry: BusEntry): string | null {
  return "event" in entry.detail ? entry.detail.event.id : null;
}

/** Bytes left for account, region and id, which the bus adds. */
const envelopeBytes = 1024;
/** Bytes that may be used of an entry. */
export const freeEntryBytes = busEntryBytes - envelopeBytes;

export function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
