import { instant } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import type { EventOfBox } from "../events/index.ts";
import type { RollChange } from "../rolls/index.ts";
import type { MarkChange, NoteChange } from "../seen/index.ts";
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

/**
 * The messages that a client gets about marks: the ids of seen events, or, if it asked for acknowledgements, one message
 * for each acknowledgement that was made or taken back.
 */
export function markMessages(configuration: LiveConfiguration | null, changes: readonly MarkChange[]): Buffer[] {
  const told = toldTo(configuration, changes);
  if (configuration?.acknowledgements === true) return acknowledgementMessages(told);
  const seen = told.filter(({ mark }) => mark !== null);
  return seen.length === 0 ? [] : [textOf({ seen: seen.map(({ eventId }) => eventId) })];
}

function acknowledgementMessages(changes: readonly MarkChange[]): Buffer[] {
  const made = Map.groupBy(changes, ({ acknowledgement, mark }) => `${acknowledgement} ${mark === null}`);
  return [...made.values()].flatMap((ofOne) => {
    const [first] = ofOne;
    if (first === undefined) return [];
    const { acknowledgement: id, mark } = first;
    const events = ofOne.map(({ eventId }) => eventId);
    if (mark === null) return [textOf({ unacknowledged: { id, events } })];
    const { reason, at, byName } = mark;
    return [textOf({ acknowledged: { id, events, reason, at: instant(at), by: { name: byName } } })];
  });
}

/** Names the events that got a note, for clients that asked for acknowledgements. The notes are not in the messages. */
export function noteMessages(configuration: LiveConfiguration | null, changes: readonly NoteChange[]): Buffer[] {
  if (configuration?.acknowledgements !== true) return [];
  const events = new Set(toldTo(configuration, changes).map(({ eventId }) => eventId));
  return [...events].map((event) => textOf({ noted: { event } }));
}

/** Names the events that were erased. */
export function erasedMessages(configuration: LiveConfiguration | null, events: readonly EventOfBox[]): Buffer[] {
  const erased = toldTo(configuration, events).map(({ eventId }) => eventId);
  return erased.length === 0 ? [] : [textOf({ erased })];
}

/**
 * Names the evacuation lists of a client that have changed. It has their ids from a list that it may read, so nothing
 * else is checked; the changes themselves are not in the messages.
 */
export function rollMessages(configuration: LiveConfiguration | null, changes: readonly RollChange[]): Buffer[] {
  if (configuration?.form.version !== "event") return [];
  const { rolls } = configuration;
  const changed = new Set(changes.map(({ roll }) => roll).filter((roll) => rolls.has(roll)));
  return [...changed].map((id) => textOf({ roll: { id } }));
}

function toldTo<News extends EventOfBox>(configuration: LiveConfiguration | null, news: readonly News[]): News[] {
  if (configuration?.form.version !== "event") return [];
  const { boxes } = configuration;
  return news.filter(({ box }) => boxes?.has(box) ?? true);
}

function textOf(message: object): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** A key has all live connections that it may have. */
export function keyIsFull(ofKey: number): GatepostError {
  const message = `this key has ${ofKey} live connections already; close one of them, or use another key`;
  return new GatepostError("too-many", message);
}
