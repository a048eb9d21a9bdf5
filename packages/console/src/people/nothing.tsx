import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { kindWord } from "../format/event.ts";
import { Button } from "../parts/button.tsx";
import { Blank } from "../parts/loaded.tsx";
import type { Query } from "../state/address.ts";
import { serverTime } from "../state/clock.ts";
import { query, setQuery } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { daysAway, type FilterName, filterNames, kinds, lately, peopleFilterOf } from "./filter.ts";
import { pageOf } from "./listed.ts";
import { peopleWords } from "./words.ts";

/** Says which filter to drop: the one without which most people are found. */
export function NoPeople() {
  const w = peopleWords.value;
  const { filters: f } = words.value;
  const best = useBestDrop();
  const everything = Object.fromEntries(filterNames.map((name) => [name, null]));
  const isSought = query.value["q"] !== undefined;
  return (
    <Blank
      icon="people"
      title={isSought ? w.noneTitle : w.noneFilteredTitle}
      why={<bdi>{best === null ? w.pinyin : w.without(inWords(best.name), best.count)}</bdi>}
    >
      {best === null ? null : (
        <Button look="main" onClick={() => setQuery({ [best.name]: null })}>
          {f.drop}
        </Button>
      )}
      <Button onClick={() => setQuery(everything)}>{f.clear}</Button>
    </Blank>
  );
}

interface Drop {
  name: FilterName;
  count: number;
}

function useBestDrop(): Drop | null {
  const best = useSignal<Drop | null>(null);
  const asked = query.value;
  useEffect(() => {
    const aborter = new AbortController();
    best.value = null;
    void bestDrop(asked, aborter.signal).then((found) => {
      if (!aborter.signal.aborted) best.value = found;
    });
    return () => aborter.abort();
  }, [asked]);
  return best.value;
}

async function bestDrop(asked: Query, signal: AbortSignal): Promise<Drop | null> {
  const set = filterNames.filter((name) => asked[name] !== undefined);
  if (set.length < 2) return null;
  const tried = await Promise.all(
    set.map(async (name) => {
      const rest = Object.fromEntries(Object.entries(asked).filter(([other]) => other !== name));
      const filter = { ...peopleFilterOf(rest, serverTime()), limit: 1 };
      const { total } = pageOf(await gatepost().ask("GET /v1/people", { query: filter, signal }));
      return { name, count: total };
    }),
  ).catch(() => []);
  return tried.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)[0] ?? null;
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
