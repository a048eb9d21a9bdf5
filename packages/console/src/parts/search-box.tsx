import { type Stretch, timeJump } from "../format/time-jump.ts";
import { serverTime } from "../state/clock.ts";
import { filterNames } from "../state/filter.ts";
import { setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { type Elsewhere, SearchField } from "./search-field.tsx";
import { momentInWords } from "./time-facet.tsx";

const everything = Object.fromEntries(filterNames.map((name) => [name, null]));

/** Takes all filters away. */
export function ClearFilter() {
  return <Button onClick={() => setQuery(everything)}>{words.value.filters.clear}</Button>;
}

/** Search by a text. A time that is typed is offered, and Enter goes there. */
export function SearchBox() {
  const { search, placeholder, goTo } = words.value.events;
  const elsewhere = (text: string): Elsewhere | null => {
    const jump = timeJump(text, serverTime());
    return jump === null ? null : { text: goTo(stretchText(jump)), go: () => show(jump) };
  };
  return <SearchField of="events" label={search} placeholder={placeholder} maxLength={64} elsewhere={elsewhere} />;
}

export function stretchText({ from, to }: Stretch): string {
  const [first, last] = [new Date(from).toISOString(), new Date(to).toISOString()];
  return words.value.filters.between(momentInWords(first), momentInWords(last, first));
}

function show({ from, to }: Stretch): void {
  setQuery({ q: null, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
}
