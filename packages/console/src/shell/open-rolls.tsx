import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { isPeopleOff, mayJudge } from "../state/role.ts";

const loaded = signal<{ Shown: ComponentType } | null>(null);

/** ms after which its script is loaded: the page itself is first. */
const afterMs = 3000;

/** The strip of open evacuation lists. A read key sees none, nor does a user while people are switched off. */
export function OpenRolls() {
  const may = mayJudge.value && !isPeopleOff.value;
  useEffect(() => {
    if (!may || loaded.peek() !== null) return undefined;
    const timer = setTimeout(() => {
      import("../parts/roll/strip.tsx").then(
        ({ RollStrip }) => {
          loaded.value = { Shown: RollStrip };
        },
        // The next page tries it again.
        () => null,
      );
    }, afterMs);
    return () => clearTimeout(timer);
  }, [may]);
  if (!may || loaded.value === null) return null;
  const { Shown } = loaded.value;
  return <Shown />;
}
