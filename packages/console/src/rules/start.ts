import { recall, remember } from "../state/known-events.ts";
import { useLoading } from "../state/loading.ts";
import { address } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { cardLike, cardOfAddress, isWay } from "./card.ts";
import type { Start } from "./draft.ts";

/** A new rule that the address begins. */
export interface Begun {
  /** Another one is another draft. */
  key: string;
  /** Null until the event that it begins with is here. */
  start: Start | null;
}

/** The rule that `#/rules/new?card=&from=` begins; null at another address. */
export function useBegun(): Begun | null {
  const { id, query } = address.value;
  const isNew = id === "new";
  const [from] = query["from"] ?? [];
  const [way = null] = query["card"] ?? [];
  const key = isNew ? `new ${way} ${from} ${query["want"] ?? ""} ${query["site"] ?? ""}` : "";
  const { state } = useLoading(`start ${key}`, async (signal): Promise<Begun | null> => {
    if (!isNew) return null;
    const event = from === undefined ? null : (recall(from) ?? (await fetchEvent(from, signal)));
    const usual = isWay(way) ? cardOfAddress(way, query) : null;
    const like = event === null ? null : cardLike(event);
    return { key, start: { card: (like?.kind === way || usual === null ? like : usual) ?? { kind: "own" } } };
  });
  if (!isNew) return null;
  const { value } = state.value;
  return value?.key === key ? value : { key, start: null };
}

/** Null if it is gone. */
async function fetchEvent(id: string, signal: AbortSignal) {
  const event = await gatepost()
    .ask("GET /v1/events/{id}", { path: { id }, signal })
    .catch(() => null);
  if (event !== null) remember(event);
  return event;
}
