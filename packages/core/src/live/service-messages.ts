import { GatepostError } from "../errors/errors.ts";
import type { LiveConfiguration } from "./configuration.ts";
import type { LiveCounts } from "./counts.ts";

/* The messages of the live feed that are not events. Clients that asked for the form of a box get only the first of them. */

/** The fault of a configuration. */
export function errorMessage(message: string): Buffer {
  return textOf({ error: { status: 400, message } });
}

/**
 * Says that a client has all that it missed, and that its configuration is in effect; null for a client that asked for
 * the form of a box.
 *
 * @param cursor at which the client continues; absent if it missed nothing
 */
export function caughtUpMessage({ form }: LiveConfiguration, cursor?: string): Buffer | null {
  return form.version === "event" ? textOf({ caughtUp: true, cursor }) : null;
}

/** The cursor for a client that is disconnected before it has caught up; null as for `caughtUpMessage`. */
export function cursorMessage({ form }: LiveConfiguration, cursor: string): Buffer | null {
  return form.version === "event" ? textOf({ cursor }) : null;
}

/** Whether a client asks for a sign of life: pages do not see pings of the server, nor a dead connection. */
export function isPing(message: string): boolean {
  return message === "ping";
}

/** The answer to that. */
export const pongMessage: Buffer = textOf({ pong: true });

/** The counts, for clients that asked for them. */
export function countsMessage(counts: LiveCounts): Buffer {
  return textOf({ counts });
}

/** Says which events a person has seen. */
export function seenMessage(ids: readonly string[]): Buffer {
  return textOf({ seen: ids });
}

/** Names the events that were erased. */
export function erasedMessage(ids: readonly string[]): Buffer {
  return textOf({ erased: ids });
}

/** An event that was seen or erased. */
export interface EventOfBox {
  eventId: string;
  box: string;
}

/** The seen or erased events that a client is told about. */
export function idsToldTo(configuration: LiveConfiguration | null, events: readonly EventOfBox[]): string[] {
  if (configuration?.form.version !== "event") return [];
  const { boxes } = configuration;
  return events.filter(({ box }) => boxes?.has(box) ?? true).map(({ eventId }) => eventId);
}

function textOf(message: object): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** A key has all live connections that it may have. */
export function keyIsFull(ofKey: number): GatepostError {
  const message = `this key has ${ofKey} live connections already; close one of them, or use another key`;
  return new GatepostError("too-many", message);
}
