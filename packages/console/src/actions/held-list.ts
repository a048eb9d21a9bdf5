import type { RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

type Actions = readonly RequestedAction[];

/**
 * The actions as they may be shown: while somebody points at the list, or has the focus or a dialogue in it, none of them moves, so
 * that a button is never pressed of another than was meant. How many are new meanwhile is counted.
 */
export function useHeldList(latest: Actions, list: { current: HTMLElement | null }) {
  const seen = useRef<Actions>(latest);
  const shown = useRef<Actions>(latest);
  const turn = useSignal(0);
  void turn.value;
  if (seen.current !== latest) {
    shown.current = isRead(list.current) ? inPlace(shown.current, latest) : latest;
    seen.current = latest;
  }
  const known = new Set(shown.current.map(({ id }) => id));
  return {
    shown: shown.current,
    fresh: latest.filter(({ id }) => !known.has(id)).length,
    showAll() {
      shown.current = latest;
      turn.value++;
    },
  };
}

/** A dialogue that was opened from the list is over all: what points at it or has the focus in it is not in the list. */
function isRead(list: HTMLElement | null): boolean {
  return list !== null && (list.matches(":hover, :focus-within") || list.querySelector("dialog[open]") !== null);
}

/**
 * Those that are shown, as they are now, and behind them what goes on there. One that is gone from the list stays as it
 * was, until nobody looks at it.
 */
export function inPlace(shown: Actions, latest: Actions): Actions {
  const newer = new Map(latest.map((action) => [action.id, action]));
  const known = new Set(shown.map(({ id }) => id));
  const last = latest.findLastIndex(({ id }) => known.has(id));
  return [...shown.map((action) => newer.get(action.id) ?? action), ...latest.slice(last + 1)];
}
