import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { PageName } from "../state/address.ts";
import { page, parameter, setQuery } from "../state/route.ts";
import { Icon } from "./icon.tsx";

const pauseMs = 180;

/** A typed text that is no search: the sentence that offers it, and the step that `Enter` takes. */
export interface Elsewhere {
  text: string;
  go(): void;
}

interface SearchFieldProps {
  /** The page whose address has the search as `q`. */
  of: PageName;
  label: string;
  placeholder: string;
  maxLength: number;
  /** Null for a text that is searched. */
  elsewhere?(text: string): Elsewhere | null;
}

/** Searches as the user types. */
export function SearchField({ of, label, placeholder, maxLength, elsewhere }: SearchFieldProps) {
  const asked = parameter("q") ?? "";
  const typed = useSignal(asked);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    // Changed by other means, as by taking a filter away.
    if (document.activeElement !== field.current) typed.value = asked;
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const offer = elsewhere?.(typed.value) ?? null;
  const search = () => setQuery({ q: typed.peek().trim() || null });
  const type = (text: string) => {
    typed.value = text;
    clearTimeout(timer.current);
    if ((elsewhere?.(text) ?? null) !== null) return;
    timer.current = setTimeout(() => {
      // If another page was opened since, the address belongs to that page.
      if (page.peek() === of) search();
    }, pauseMs);
  };
  const submit = () => {
    clearTimeout(timer.current);
    if (offer === null) return search();
    typed.value = "";
    offer.go();
  };
  return (
    <search class="find">
      <form onSubmit={submit}>
        <Icon name="events" />
        <label class="hide" for="q">
          {label}
        </label>
        <input
          class="field"
          id="q"
          type="search"
          ref={field}
          value={typed.value}
          placeholder={placeholder}
          maxLength={maxLength}
          autocomplete="off"
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
        {elsewhere === undefined ? null : <output class="offer">{offer?.text}</output>}
      </form>
    </search>
  );
}
