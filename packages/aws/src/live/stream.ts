import type { EventOfBox } from "@gatepost/core/events";
import type { LiveChange } from "@gatepost/core/live";
import { type MarkChange, markWritten, takenBack } from "@gatepost/core/seen";
import { merge, type StoredEvent } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import * as z from "zod";
import { textOf } from "../dynamo/item.ts";
import { changeIn, eventOf } from "../events/row.ts";
import { streamImage } from "../statistics/stream-batch.ts";

const streamEvent = z.object({
  Records: z.array(
    z.object({
      userIdentity: z.object({ principalId: z.string().nullish() }).nullish(),
      dynamodb: z.object({ OldImage: streamImage, NewImage: streamImage }),
    }),
  ),
});

/**
 * The user whom the stream names if DynamoDB removed an expired row. If a person's request removed it, it names no
 * user.
 */
const dynamoItself = "dynamodb.amazonaws.com";

/** A row that changed. */
export interface Changed {
  before: Item | undefined;
  after: Item | undefined;
  /** Whether DynamoDB removed the row because it had expired. */
  isExpiry: boolean;
}

/** An event that was made, or that a report was added to. */
export interface Notification {
  stored: StoredEvent;
  change: LiveChange;
  /** The sequence of the write. */
  sequence: string;
}

export function changesIn(event: unknown): Changed[] {
  return streamEvent.parse(event).Records.map(({ userIdentity, dynamodb: { OldImage, NewImage } }) => ({
    ...{ before: OldImage, after: NewImage },
    isExpiry: userIdentity?.principalId === dynamoItself,
  }));
}

/**
 * The message of a changed row for clients. Null if the row is not an event, or only its actions or index keys changed.
 */
export function notificationOf({ before, after }: Changed): Notification | null {
  if (after === undefined || !textOf(after, "pk").startsWith("evt_")) return null;
  // An event that replaced an expired one is new.
  const isNew = before === undefined || before["made"] !== after["made"];
  if (!isNew && before["rev"] === after["rev"]) return null;
  const stored = eventOf(after);
  const change = { event: merge(stored), before: isNew ? null : merge(eventOf(before)) };
  return { stored, change, sequence: changeIn(after).changed };
}

/** The mark that was just written or taken back, if the row is one. */
export function markChangedIn({ before, after, isExpiry }: Changed): MarkChange | null {
  if (after !== undefined) return before?.["seenAt"] !== after["seenAt"] ? markWritten(after) : null;
  return before === undefined || isExpiry ? null : takenBack(before);
}

const eventRow = z.object({ pk: z.string().startsWith("evt_"), box: z.string() });

/**
 * The event that was just erased by request: its row was removed before it expired. Null for an event without a box,
 * because no client received it.
 */
export function newlyErased({ before, after, isExpiry }: Changed): EventOfBox | null {
  if (after !== undefined || isExpiry) return null;
  const gone = eventRow.safeParse(before);
  return gone.success ? { eventId: gone.data.pk, box: gone.data.box } : null;
}

/** The id of the key that was just revoked, or of the account whose sessions have just ended; null if neither. */
export function revokedBy({ before, after }: Changed): string | null {
  const row = after ?? before;
  if (row === undefined) return null;
  const id = textOf(row, "pk");
  if (id.startsWith("acc_")) return before !== undefined && before["epoch"] !== after?.["epoch"] ? id : null;
  if (after?.["revokedAt"] === undefined || before?.["revokedAt"] !== undefined) return null;
  return id.startsWith("key_") ? id : null;
}
