import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { parameter } from "./route.ts";

/** Whether a form of the page is open: it is from the beginning if the address asks for it, as `?act=invite`. */
export function useAct(name: string): Signal<boolean> {
  const isOpen = useSignal(false);
  const asked = parameter("act");
  useEffect(() => {
    if (asked === name) isOpen.value = true;
  }, [asked]);
  return isOpen;
}
