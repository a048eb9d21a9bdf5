import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { type Inside, stayOf } from "../state/people/presence.ts";

/** A list that keeps new people back until they are asked for. People who have left are gone at once. */
export function useHeld(site: string, people: readonly Inside[] | null) {
  const shown = useSignal<{ site: string; stays: ReadonlySet<string> } | null>(null);
  const isFirst = people !== null && shown.value?.site !== site;
  const show = () => {
    if (people !== null) shown.value = { site, stays: new Set(people.map(stayOf)) };
  };
  useLayoutEffect(() => {
    if (isFirst) show();
  }, [isFirst]);
  const stays = isFirst ? null : shown.value?.stays;
  const held = (people ?? []).filter((one) => stays === null || stays === undefined || stays.has(stayOf(one)));
  return { people: held, fresh: (people?.length ?? 0) - held.length, show };
}
