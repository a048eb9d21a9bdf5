import { kindWord } from "../format/event.ts";
import { useBestDrop } from "../parts/best-drop.ts";
import { Button } from "../parts/button.tsx";
import { Blank } from "../parts/loaded.tsx";
import type { Query } from "../state/address.ts";
import { serverTime } from "../state/clock.ts";
import { asPeoplePage } from "../state/people/listed.ts";
import { query, setQuery } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";
import { daysAway, type FilterName, filterNames, kinds, lately, peopleFilterOf } from "./filter.ts";

const filters = filterNames.map((name) => [name]);

/** Says which filter to drop: the one without which most people are found. */
export function NoPeople() {
  const w = peopleWords.value;
  const { filters: f } = words.value;
  const best = useBestDrop(filters, countWithout);
  const [name] = best?.names ?? [];
  const everything = Object.fromEntries(filterNames.map((name) => [name, null]));
  const isSought = query.value["q"] !== undefined;
  return (
    <Blank
      icon="people"
      title={isSought ? w.noneTitle : w.noneFilteredTitle}
      why={<bdi>{best === null || name === undefined ? w.pinyin : w.without(inWords(name), best.count)}</bdi>}
    >
      {name === undefined ? null : (
        <Button look="main" onClick={() => setQuery({ [name]: null })}>
          {f.drop}
        </Button>
      )}
      <Button onClick={() => setQuery(everything)}>{f.clear}</Button>
    </Blank>
  );
}

async function countWithout(rest: Query, signal: AbortSignal): Promise<number> {
  const filter = { ...peopleFilterOf(rest, serverTime()), limit: 1 };
  return asPeoplePage(await gatepost().ask("GET /v1/people", { query: filter, signal })).total;
}

/** A filter of the address, in words. */
function inWords(name: FilterName): string {
  const w = peopleWords.value;
  const { filters: f } = words.value;
  const values = query.peek()[name] ?? [];
  const [value = ""] = values;
  if (name === "q") return value;
  if (name === "kind") {
    const known = (text: string) => kinds.find((kind) => kind === text);
    const named = values.map((text) => known(text)).flatMap((kind) => (kind === undefined ? [] : [kindWord(kind)]));
    return `${f.kind}: ${named.join(w.comma)}`;
  }
  if (name === "seen") {
    const days = daysAway(value);
    const preset = lately.find((one) => one === value);
    return days === null ? `${w.lastSeen}: ${preset === undefined ? value : f[preset]}` : `${w.away}: ${w.days(days)}`;
  }
  return `${{ site: f.site, group: w.group, match: w.matchBelow }[name]}: ${value}`;
}
