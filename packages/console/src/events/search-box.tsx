import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { serverTime } from "../state/clock.ts";
import { page, parameter, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { filterNames } from "./filter.ts";
import { momentInWords } from "./time-facet.tsx";
import { type Stretch, timeJump } from "./time-jump.ts";

const everything = Object.fromEntries(filterNames.map((name) => [name, null]));

/** Takes all filters away. */
export function ClearFilter() {
  return <Button onClick={() => setQuery(everything)}>{words.value.filters.clear}</Button>;
}

const pauseMs = 180;

/** Search as it is typed. A time that is typed is offered, and Enter goes there. */
export function SearchBox() {
  const { events: w } = words.value;
  const typed = useSignal(parameter("q") ?? "");
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const asked = parameter("q") ?? "";
  useEffect(() => {
    // Changed from elsewhere, as by `Clear all`.
    if (document.activeElement !== field.current) typed.value = asked;
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const jump = timeJump(typed.value, serverTime());
  const search = (text: string) => {
    typed.value = text;
    clearTimeout(timer.current);
    if (timeJump(text, serverTime()) === null)
      timer.current = setTimeout(() => {
        // If another page was opened since, the address belongs to that page.
        if (page.peek() === "events") setQuery({ q: text.trim() || null });
      }, pauseMs);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    clearTimeout(timer.current);
    if (jump === null) setQuery({ q: typed.value.trim() || null });
    else goTo(jump, typed);
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
          maxLength={64}
          autocomplete="off"
          onInput={({ currentTarget }) => search(currentTarget.value)}
        />
        <output class="offer">{jump === null ? null : w.goTo(stretchText(jump))}</output>
      </form>
    </search>
  );
}

export function stretchText({ from, to }: Stretch): string {
  const [first, last] = [new Date(from).toISOString(), new Date(to).toISOString()];
  return words.value.filters.between(momentInWords(first), momentInWords(last, first));
}

function goTo({ from, to }: Stretch, typed: { value: string }): void {
  typed.value = "";
  setQuery({ q: null, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
}
