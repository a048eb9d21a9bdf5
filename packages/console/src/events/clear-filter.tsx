import { Button } from "../parts/button.tsx";
import { setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { filterNames } from "./filter.ts";

const everything = Object.fromEntries(filterNames.map((name) => [name, null]));

/** Takes all filters away. */
export function ClearFilter() {
  return <Button onClick={() => setQuery(everything)}>{words.value.filters.clear}</Button>;
}
