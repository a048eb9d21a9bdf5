import { serverTime } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { connection, followRoll } from "../live/feed.ts";
import { anybody, gatepost, me, session } from "../session.ts";
import type { OwnTick, Roll, Tick } from "./ticks.ts";

/** Reads and sends the ticks of an evacuation list: as a user, or by the link of a phone. */
export interface RollSource {
  /** Whether a page has this list alone: it shows no pictures, no gates, and no way to other pages. */
  isAlone: boolean;
  /** The display name of the site; null if the sites say it. */
  site: string | null;
  /** The whole list, as the server has it now. */
  whole(signal: AbortSignal): Promise<Roll>;
  ticks(signal: AbortSignal): Promise<Pick<Roll, "state" | "ticks" | "outs"> & { people: number }>;
  send(ticks: readonly OwnTick[], signal: AbortSignal): Promise<{ ticks: Tick[] }>;
  /** Whether a refusal means that the list was closed, or may not be read any more. */
  isOver(failure: Failure): boolean;
  /** The list after that. Never rejects. */
  asClosed(last: Roll): Promise<Roll>;
  /** The name of own ticks. */
  name(): string | null;
  /** Whether it may ask. */
  isOpen(): boolean;
  /** Calls `look` when others have ticked. The returned function ends that. */
  follow(look: () => void): () => void;
  /** Whether `look` is called now: there is a connection. */
  isTold(): boolean;
}

export function sourceOfUser(id: string): RollSource {
  const path = { id };
  return {
    isAlone: false,
    site: null,
    whole: (signal) => gatepost().ask("GET /v1/rolls/{id}", { path, signal }),
    ticks: (signal) => gatepost().ask("GET /v1/rolls/{id}/ticks", { path, signal }),
    send: (ticks, signal) => gatepost().ask("POST /v1/rolls/{id}/ticks", { path, body: { ticks }, signal }),
    isOver: ({ status }) => status === 409 || isGone(status),
    asClosed: async (last) => {
      try {
        return await gatepost().ask("GET /v1/rolls/{id}", { path });
      } catch (error) {
        return isGone(failureOf(error)?.status) ? closedNow(last) : last;
      }
    },
    name: () => me.value?.account?.name ?? me.value?.key?.note ?? null,
    isOpen: () => session.peek() !== null,
    follow: (look) => followRoll(id, look),
    isTold: () => connection.peek().is === "open",
  };
}

/** A list that this browser has kept, while the server does not answer about the user: its ticks wait for that. */
export function sourceOfKept({ roll, name, site }: { roll: Roll; name: string | null; site: string }): RollSource {
  return { ...sourceOfUser(roll.id), isAlone: true, site, name: () => name, isOpen: () => false };
}

/** A link opens a list until it is closed: then no answer says when and by whom. */
export function sourceOfLink(token: string, { name, site }: { name: string; site: string }): RollSource {
  const path = { token };
  return {
    isAlone: true,
    site,
    whole: async (signal) => (await anybody.ask("GET /v1/roll-links/{token}", { path, signal })) satisfies Roll,
    ticks: (signal) => anybody.ask("GET /v1/roll-links/{token}/ticks", { path, signal }),
    send: (ticks, signal) => anybody.ask("POST /v1/roll-links/{token}/ticks", { path, body: { ticks }, signal }),
    isOver: ({ status }) => isGone(status),
    asClosed: async (last) => closedNow(last),
    name: () => name,
    isOpen: () => true,
    follow: () => () => {},
    isTold: () => false,
  };
}

/** Whether a status says that the list may not be read any more, or does not exist. */
const isGone = (status: number | undefined) => status === 404 || status === 403;

const closedNow = (last: Roll): Roll => ({
  ...last,
  state: "closed",
  closedAt: new Date(serverTime()).toISOString(),
});
