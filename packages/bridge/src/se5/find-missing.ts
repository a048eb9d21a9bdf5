import type { EventKey } from "../spool/request.ts";

/**
 * ms by which a stored time may differ from the pushed one: seconds with decimals are not exact. docs/formats.md §4.4.
 */
const tolerance = 2;

/** The span around `at` that may contain an event key of the same passing. */
export function around(at: number): { from: number; to: number } {
  return { from: at - tolerance, to: at + tolerance };
}

/**
 * Finds the stored events within a span that are missing, each with the time to deliver it under: the time of a known
 * event of the same passing, if there is one.
 *
 * If fewer events of one person at one device are known than stored within the tolerance, it is unknown which of them
 * are missing. Then all of them are delivered. That loses none. It doubles none either, because faces in one frame have
 * the same time, and time and pictures identify the passing. For this, stored events just outside the span are needed
 * too.
 */
export function findMissing<Stored extends EventKey>(
  stored: readonly Stored[],
  { known, within }: { known: readonly EventKey[]; within: (key: EventKey) => boolean },
): Stored[] {
  const knownByPerson = byPerson(known);
  const storedByPerson = byPerson(stored);
  return stored.filter(within).flatMap((one) => {
    const pushed = near(knownByPerson, one);
    if (pushed.length >= near(storedByPerson, one).length) return [];
    return [{ ...one, at: nearest(pushed, one.at) ?? one.at }];
  });
}

function byPerson(keys: readonly EventKey[]): Map<string, EventKey[]> {
  return Map.groupBy(keys, ({ person }) => person);
}

/** Keys of the same person; and of the same device, if both name one. */
function near(keys: Map<string, EventKey[]>, { at, device, person }: EventKey): EventKey[] {
  return (keys.get(person) ?? []).filter(
    (other) =>
      Math.abs(other.at - at) <= tolerance && (other.device === device || other.device === "" || device === ""),
  );
}

function nearest(keys: readonly EventKey[], at: number): number | null {
  const [first] = keys.toSorted((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at));
  return first?.at ?? null;
}
