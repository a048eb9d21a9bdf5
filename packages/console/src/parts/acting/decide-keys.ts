import { useEffect, useRef } from "preact/hooks";
import { preferences } from "../../state/preferences.ts";

const typed = "input:not([type=radio], [type=checkbox]), textarea, select";
const pressed = "button, a, summary, input";

/** Keys of a dialogue by which a user decides. None acts in a field of text, and Enter and Space not on a button. */
export function useDecideKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, altKey, metaKey, repeat, defaultPrevented } = event;
      const act = latest.current[key];
      if (act === undefined || ctrlKey || altKey || metaKey || defaultPrevented || !preferences.peek().hasKeys) return;
      const isOn = (selector: string) => target instanceof Element && target.closest(selector) !== null;
      if (isOn(typed) || ((key === "Enter" || key === " ") && isOn(pressed))) return;
      event.preventDefault();
      if (!repeat) act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** Sends the form of the open dialogue, as its first button does. */
export function sendForm(): void {
  document.querySelector<HTMLFormElement>("dialog[open] form")?.requestSubmit();
}
