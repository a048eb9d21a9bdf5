import { Blank } from "../parts/loaded.tsx";
import { setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";

/** Shown instead of the list if no event passes the filter. */
export function FilteredToNothing() {
  const { live: w } = words.value;
  return (
    <Blank icon="events" title={w.filteredTitle} why={w.filteredWhy}>
      <button type="button" class="btn main" onClick={() => setQuery({ box: null, type: null })}>
        {w.clearFilter}
      </button>
    </Blank>
  );
}
