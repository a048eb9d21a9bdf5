import { useBestDrop } from "../parts/best-drop.ts";
import { Button } from "../parts/button.tsx";
import { Blank } from "../parts/loaded.tsx";
import { ClearFilter } from "../parts/search-box.tsx";
import { stretchInWords } from "../parts/time-facet.tsx";
import type { Query } from "../state/address.ts";
import type { FilterName } from "../state/filter.ts";
import { askedFilter } from "../state/filter.ts";
import { query, setQuery } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";

/** Says which filter to drop: the one without which most is found. */
export function NothingFound() {
  const { events: w, filters } = words.value;
  const best = useBestDrop(groups, countWithout);
  const why = (
    <>
      {best === null ? null : <bdi>{w.without(inWords(best.names), best.count)} </bdi>}
      {w.noneWhy}
    </>
  );
  return (
    <Blank icon="events" title={w.noneTitle} why={why}>
      {best === null ? null : (
        <Button look="main" onClick={() => setQuery(Object.fromEntries(best.names.map((name) => [name, null])))}>
          {filters.drop}
        </Button>
      )}
      <ClearFilter />
    </Blank>
  );
}

/** From and to are one filter to who looks at it. */
const groups: readonly (readonly FilterName[])[] = [
  ["q"],
  ["from", "to"],
  ["type"],
  ["site"],
  ["box"],
  ["device"],
  ["result"],
  ["action"],
  ["flag"],
  ["person"],
];

async function countWithout(rest: Query, signal: AbortSignal): Promise<number> {
  const { count } = await gatepost().ask("GET /v1/events/count", { query: askedFilter(rest), signal });
  return count;
}

function inWords([name = "q"]: readonly FilterName[]): string {
  const { filters: w } = words.value;
  const value = query.peek()[name]?.join(", ") ?? "";
  if (name === "q") return value;
  if (name === "from" || name === "to") return `${w.time}: ${stretchInWords()}`;
  if (name === "type")
    return `${w.kind}: ${query
      .peek()
      [name]?.map((kind) => entryOf(words.value.kinds, kind) ?? kind)
      .join(", ")}`;
  if (name === "result") return `${w.result}: ${entryOf(w.results, value) ?? value}`;
  return `${w[name]}: ${value}`;
}
