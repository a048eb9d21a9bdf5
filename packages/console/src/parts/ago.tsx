import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { ago } from "../format/time.ts";
import { now } from "../state/clock.ts";

/** How long ago something was. Each second only the words that are others are written, also where hundreds stand. */
export function Ago({ at }: { at: string }) {
  const time = useSignal(at);
  useLayoutEffect(() => {
    time.value = at;
  }, [at]);
  return <>{useComputed(() => ago(time.value, now.value))}</>;
}
