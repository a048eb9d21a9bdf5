import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Query } from "../state/address.ts";
import { query } from "../state/route.ts";

/** A filter that can be dropped, by its names in the address, and how much is found without it. */
export interface Drop<Name extends string> {
  names: readonly Name[];
  count: number;
}

/**
 * The filter without which most is found. Null until that is known, if fewer than two are set, and if dropping one finds
 * nothing either.
 *
 * @param filters the names of each filter in the address
 * @param count counts what a part of the address finds
 */
export function useBestDrop<Name extends string>(
  filters: readonly (readonly Name[])[],
  count: (rest: Query, signal: AbortSignal) => Promise<number>,
): Drop<Name> | null {
  const best = useSignal<Drop<Name> | null>(null);
  const asked = query.value;
  useEffect(() => {
    const aborter = new AbortController();
    const { signal } = aborter;
    const drop = async (names: readonly Name[]) => {
      const isDropped = (name: string) => names.some((one) => one === name);
      const rest = Object.fromEntries(Object.entries(asked).filter(([name]) => !isDropped(name)));
      return { names, count: await count(rest, signal) };
    };
    const set = filters.filter((names) => names.some((name) => asked[name] !== undefined));
    best.value = null;
    if (set.length < 2) return;
    void Promise.all(set.map(drop))
      .catch(() => [])
      .then((tried) => {
        if (signal.aborted) return;
        best.value = tried.filter((one) => one.count > 0).sort((a, b) => b.count - a.count)[0] ?? null;
      });
    return () => aborter.abort();
  }, [asked]);
  return best.value;
}
