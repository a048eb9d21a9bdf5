import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { page, parameter, setQuery } from "../state/route.ts";
import { peopleWords } from "./words.ts";

const pauseMs = 180;
/** Characters that the API takes. */
const maxLength = 256;

/** Search as it is typed, by name, id or the reading of a name. */
export function PeopleSearch() {
  const w = peopleWords.value;
  const asked = parameter("q") ?? "";
  const typed = useSignal(asked);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    // Changed from elsewhere, as by taking a filter away.
    if (document.activeElement !== field.current) typed.value = asked;
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (pause: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      // If another page was opened since, the address belongs to that page.
      if (page.peek() === "people") setQuery({ q: typed.peek().trim() || null });
    }, pause);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    search(0);
  };
  return (
    <search class="find">
      <form onSubmit={submit}>
        <Icon name="events" />
        <label class="hide" for="q">
          {w.search}
        </label>
        <input
          class="field"
          id="q"
          type="search"
          ref={field}
          value={typed.value}
          placeholder={w.placeholder}
          maxLength={maxLength}
          autocomplete="off"
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            search(pauseMs);
          }}
        />
      </form>
    </search>
  );
}
