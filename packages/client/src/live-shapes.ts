import type { Refusal } from "./refusal.ts";
import type { Event } from "./schema.ts";

/** What a feed needs of its environment. Tests replace it. */
export interface LiveWorld {
  open(url: string): WebSocket;
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Calls back when the browser is online again. The returned function ends that. */
  onOnline(then: () => void): () => void;
}

/** The environment of a browser or of Node. Throws if there is no WebSocket. */
export function ownWorld(): LiveWorld {
  if (typeof WebSocket === "undefined") {
    throw new Error("there is no WebSocket here: Node has one from version 22 on; in an older one give a `world`");
  }
  return {
    open: (url) => new WebSocket(url),
    now: () => Date.now(),
    random: () => Math.random(),
    onOnline(then) {
      const page: object = globalThis;
      if (!(page instanceof EventTarget)) return () => {};
      page.addEventListener("online", then);
      return () => page.removeEventListener("online", then);
    },
  };
}

/** The wanted events, and the start position. An absent field does not filter. */
export interface LiveWish {
  boxes?: readonly string[];
  types?: readonly Event["person"]["type"][];
  /** The start: at the `cursor` of an event, or after the event of this id. */
  since?: string;
  /** The ids of evacuation lists whose changes are told by `roll`. */
  rolls?: readonly string[];
}

/** Counts that a page shows on every view; sent at most every 5 s. */
export interface LiveCounts {
  today: number;
  perSecond: number;
  actions: number;
  silent: number;
  problems: number;
}

/** What a person said about events, as the feed tells it. */
export interface Acknowledged {
  id: string;
  events: string[];
  reason: string | null;
  /** ISO instant. */
  at: string;
  by: { name: string | null };
}

export type LiveState =
  | { is: "connecting" }
  | { is: "open" }
  /** Without a connection since `since`; it is tried again at `retryAt`. Both ms since 1970. `reason` says why. */
  | { is: "waiting"; since: number; retryAt: number; reason: string }
  /** The key opens nothing any more. */
  | { is: "refused"; refusal: Refusal | null };

export interface LiveListener {
  /** @param about `cursor`: the position behind the event; absent if the server does not send it */
  event?(event: Event, about: { isUpdate: boolean; isCatchUp: boolean; cursor?: string }): void;
  counts?(counts: LiveCounts): void;
  /** Everything that was missed has come. */
  caughtUp?(): void;
  /** The event to continue after is gone: the missed events are unknown, and only new ones follow. */
  gap?(): void;
  /** A user has marked these events as seen. It is not called if there is `acknowledged`, which says more. */
  seen?(ids: readonly string[]): void;
  /** A user has acknowledged events, or marked them as seen. */
  acknowledged?(acknowledgement: Acknowledged): void;
  /** An acknowledgement was taken back: its events stand out again. */
  unacknowledged?(acknowledgement: Pick<Acknowledged, "id" | "events">): void;
  /** An event got a note: ask for its notes. It is called only if there is `acknowledged`. */
  noted?(noted: { event: string }): void;
  /** An evacuation list that was asked for has changed: ask for its ticks. */
  roll?(roll: { id: string }): void;
  /** These events were erased, or have expired while there was no connection: do not show or keep them any longer. */
  erased?(ids: readonly string[]): void;
  /**
   * The ids of the events that the client shows or keeps. After each new connection has caught up, the client asks the
   * server which of them are gone, and calls `erased` with those. Without it, a client learns of erasures only while it
   * is connected.
   */
  holds?(): Iterable<string>;
  /** The server refuses the wish, and says why: no events come for it. */
  wishRefused?(why: string): void;
  state?(state: LiveState): void;
}

/** The messages of the server. */
export interface Message {
  error?: { status: number; message: string };
  event?: Event;
  isUpdate?: boolean;
  isCatchUp?: boolean;
  counts?: LiveCounts;
  seen?: string[];
  acknowledged?: Acknowledged;
  unacknowledged?: Pick<Acknowledged, "id" | "events">;
  noted?: { event: string };
  roll?: { id: string };
  erased?: string[];
  caughtUp?: boolean;
  cursor?: string;
}

/**
 * The message in a text; null if it is none, for example from a proxy. In Node, an error while it is read would end
 * the whole program.
 */
export function messageIn(text: string): Message | null {
  try {
    const message: unknown = JSON.parse(text);
    return isMessage(message) ? message : null;
  } catch {
    return null;
  }
}

function isMessage(value: unknown): value is Message {
  return (
    isObject(value) &&
    hasText(Reflect.get(value, "event"), "id") &&
    hasText(Reflect.get(value, "error"), "message") &&
    hasText(Reflect.get(value, "roll"), "id") &&
    ["seen", "erased"].every((name) => isListOrAbsent(Reflect.get(value, name)))
  );
}

function hasText(member: unknown, name: string): boolean {
  return member === undefined || (isObject(member) && typeof Reflect.get(member, name) === "string");
}

function isListOrAbsent(member: unknown): boolean {
  return member === undefined || Array.isArray(member);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
