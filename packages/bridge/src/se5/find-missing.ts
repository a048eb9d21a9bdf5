import type { EventKey } from "../spool/request.ts";

/**
 * ms by which a stored time may differ from the pushed one: seconds with a fraction are not exact. docs/formats.md
 * §4.4.
 */
const tolerance = 2;

/** The span in which what is known of a passing at `at` may be. */
export function around(at: number): { from: number; to: number } {
  return { from: at - tolerance, to: at + tolerance };
}

/**
 * What of it is within, and nobody knows yet, each with the time it is to go by: the one it is known by already, where
 * another report told of it.
 *
 * Where fewer are known than are remembered of one person at one device within the tolerance, nobody can say which are
 * missing: all of them go. That loses none, and doubles none of one frame, whose faces share their time: the time and
 * the pictures say which passing it is. What is remembered just outside is needed to see that.
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

/** Of the same person and device, where both are named. */
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
