import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Blank } from "../parts/loaded.tsx";
import { query, setQuery } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";
import { askedFilter } from "./asked-filter.ts";
import type { FilterName } from "./filter.ts";
import { ClearFilter } from "./search-box.tsx";
import { stretchInWords } from "./time-facet.tsx";

/** Says which filter to drop: the one without which most is found. */
export function NothingFound() {
  const { events: w, filters } = words.value;
  const best = useBestDrop();
  const why = (
    <>
      {best === null ? null : <bdi>{w.without(best.words, best.count)} </bdi>}
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

interface Drop {
  names: readonly FilterName[];
  words: string;
  count: number;
}

function useBestDrop(): Drop | null {
  const best = useSignal<Drop | null>(null);
  const asked = query.value;
  useEffect(() => {
    const aborter = new AbortController();
    best.value = null;
    void findBest(aborter.signal).then((found) => {
      if (!aborter.signal.aborted) best.value = found;
    });
    return () => aborter.abort();
  }, [asked]);
  return best.value;
}

/** From and to are one filter to who looks at it. */
const groups: readonly (readonly FilterName[])[] = [
  ["q"],
  ["from", "to"],
  ["type"],
  ["site"],
  ["box"],
  ["device"],
  ["action"],
  ["flag"],
  ["person"],
];

async function findBest(signal: AbortSignal): Promise<Drop | null> {
  const set = groups.filter((names) => names.some((name) => query.peek()[name] !== undefined));
  if (set.length < 2) return null;
  const tried = await Promise.all(
    set.map(async (names) => {
      const rest = Object.fromEntries(
        Object.entries(query.peek()).filter(([name]) => !names.includes(name as FilterName)),
      );
      const { count } = await gatepost().ask("GET /v1/events/count", { query: askedFilter(rest), signal });
      return { names, words: inWords(names), count };
    }),
  ).catch(() => []);
  return tried.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)[0] ?? null;
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
  return `${w[name]}: ${value}`;
}
