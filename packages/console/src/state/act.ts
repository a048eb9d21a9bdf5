import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { parameter, setQuery } from "./route.ts";

/**
 * Whether a form of the page is open: the address may ask for it, as `?act=invite`. This is done once: a page that is
 * opened as it was left, or loaded again, does not ask for it.
 */
export function useAct(name: string): Signal<boolean> {
  const isOpen = useSignal(false);
  const asked = parameter("act");
  useEffect(() => {
    if (asked !== name) return;
    isOpen.value = true;
    setQuery({ act: null });
  }, [asked]);
  return isOpen;
}
