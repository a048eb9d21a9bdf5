/*
 * The stacks read this file, too. Their types are checked by other settings, so it imports nothing. Kinds
 * are `PushKind` of subscriptions.
 */

/** Seconds after which a passing is no news for a closed page. */
export const maxPassingAgeSeconds = 600;

const personTypes = new Map<string, "blacklist" | "stranger">([
  ["blacklist", "blacklist"],
  ["strangers", "stranger"],
]);

/** Whether a browser may ask for the passings of people of this type. */
export function isPushed(type: string): boolean {
  return [...personTypes.values()].some((pushed) => pushed === type);
}

/** The people of whose passings browsers with these kinds are notified. */
export function pushedTypes(kinds: readonly string[]): ("blacklist" | "stranger")[] {
  return kinds.flatMap((kind) => personTypes.get(kind) ?? []);
}

/**
 * The pattern of the entries of which browsers with these kinds are notified. Acknowledgements withdraw earlier
 * notifications.
 */
export function pushPattern(kinds: readonly string[]): { source: string[]; $or: object[] } {
  const type = pushedTypes(kinds);
  const wanted = [
    // Two, as `$or` needs for a browser without kinds.
    { "detail-type": ["Evacuation Begun", "Evacuation Ended"] },
    { "detail-type": ["Event Acknowledged"] },
    ...(kinds.includes("silence") ? [{ "detail-type": ["Box Silent", "Box Recovered"] }] : []),
    ...(type.length === 0 ? [] : [{ "detail-type": ["Face Event Recorded"], detail: { event: { person: { type } } } }]),
  ];
  return { source: ["gatepost"], $or: wanted };
}
