import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { kindWord } from "../format/event.ts";
import { useBestDrop } from "../parts/best-drop.ts";
import { Button } from "../parts/button.tsx";
import { Blank, Failed, Skeleton } from "../parts/loaded.tsx";
import { FileExport } from "../parts/pages/file-export.tsx";
import { Tabs } from "../parts/pages/tabs.tsx";
import { AlikeQuestion } from "../parts/people/alike-question.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { Said } from "../parts/text.tsx";
import type { Query } from "../state/address.ts";
import { serverTime } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { useGates } from "../state/people/gates.ts";
import { asPeoplePage } from "../state/people/listed.ts";
import { parameter, query, setQuery } from "../state/route.ts";
import { isNothing } from "../state/search.ts";
import { gatepost } from "../state/session.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";
import { ErasedPeople } from "./erased.tsx";
import { PeopleFacets } from "./facets.tsx";
import { daysAway, type FilterName, filterNames, hasFilter, kinds, lately, listKey, peopleFilterOf } from "./filter.ts";
import { listAgain, openedPerson, peopleCount, peopleSearch } from "./found.ts";
import { PeopleList } from "./list.tsx";

/** Find one of the registered people. */
export function PeoplePage() {
  const key = useComputed(() => listKey(query.value)).value;
  const isBack = useRef(openedPerson.peek() !== null).current;
  const isErased = parameter("tab") === "erased";
  const w = peopleWords.value;
  useGates();
  // Before the page is painted, which otherwise says for a moment that no one is found.
  useLayoutEffect(() => {
    // A user who returns from a person finds the list as it was.
    const { key: shown, failure } = peopleSearch.found.peek();
    if (!(isBack && shown === key && failure === null))
      peopleSearch.begin(key, peopleFilterOf(query.peek(), serverTime()));
  }, [key]);
  useLayoutEffect(() => backTo(openedPerson.peek()), []);
  return (
    <>
      <header class="head">
        <h1>{words.value.pages.people}</h1>
        {isErased ? null : (
          <>
            <PeopleSearch />
            <span class="quiet desk" aria-hidden="true">
              <kbd>/</kbd>
            </span>
            <span class="end line tools">
              <PeopleExport />
            </span>
          </>
        )}
      </header>
      <Tabs
        label={w.tabs}
        parameterName="tab"
        first="registered"
        chosen={isErased ? "erased" : "registered"}
        tabs={[
          ["registered", w.registeredTab],
          ["erased", w.erasures.tab],
        ]}
      />
      {isErased ? (
        <ErasedPeople />
      ) : (
        <>
          <PeopleFacets />
          <Content />
          <AlikeQuestion site={parameter("site")} onAnswered={listAgain} />
        </>
      )}
    </>
  );
}

/** Scrolls to the row of a person, once it is painted, and gives it the focus. */
function backTo(path: string | null): void {
  if (path === null) return;
  requestAnimationFrame(() => {
    const row = document.querySelector(`[data-person="${CSS.escape(path)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("a")?.focus({ preventScroll: true });
  });
}

function Content() {
  const w = peopleWords.value;
  const { items: people, isLoading, isStale, failure, retryAt } = peopleSearch.found.value;
  if (failure !== null && people.length === 0) {
    return (
      <Failed failure={failure} retryAt={retryAt} onRetry={peopleSearch.again}>
        {/* An address may ask for a value that the server does not know. */}
        {failure.status === 400 && hasFilter(query.value) ? <ClearFilter /> : null}
      </Failed>
    );
  }
  if (people.length === 0 && isLoading) return <Skeleton as="passings" />;
  if (people.length === 0 && hasFilter(query.value)) return <NoPeople />;
  if (people.length === 0) return <Blank icon="people" title={w.emptyTitle} why={w.emptyWhy} />;
  return (
    <div class={isStale ? "stale" : undefined}>
      <p class="meta counted" role="status">
        {isStale || peopleCount.value === null ? "…" : w.count(peopleCount.value)}
      </p>
      <PeopleList />
      <More />
    </div>
  );
}

function ClearFilter() {
  const everything = Object.fromEntries(filterNames.map((name) => [name, null]));
  return <Button onClick={() => setQuery(everything)}>{words.value.filters.clear}</Button>;
}

/** Whether there are more, and why they do not arrive. */
function More() {
  const { events: w } = words.value;
  const { failure, next, isLoading } = peopleSearch.found.value;
  if (failure !== null) {
    return (
      <p class="more" role="alert">
        <Said of={failure} /> <Button onClick={peopleSearch.again}>{words.value.failure.again}</Button>
      </p>
    );
  }
  return (
    <p class="more">{next === null ? <bdi>{peopleWords.value.pinyin}</bdi> : isLoading ? w.loading : w.moreComes}</p>
  );
}

/** Characters that the API takes. */
const maxLength = 256;

/** Search by name, id or the reading of a name. */
function PeopleSearch() {
  const { search, placeholder } = peopleWords.value;
  return <SearchField of="people" label={search} placeholder={placeholder} maxLength={maxLength} />;
}

const formats = ["xlsx", "csv"] as const;

/** Exports the people of the list. A table is of one site, whose clocks it shows. */
function PeopleExport() {
  const { state } = useLoading("sites of an export", listSites);
  const [chosen] = query.value["site"] ?? [];
  const sites = (state.value.value ?? []).filter(({ id }) => chosen === undefined || id === chosen);
  const { order: _, kind, ...asked } = peopleFilterOf(query.value, serverTime());
  const kinds = kind === undefined ? {} : { kind: [kind].flat() };
  const choices = sites.flatMap((site) =>
    formats.map((format) => ({
      text: (
        <bdi>
          {sites.length === 1 ? "" : `${siteNameOf(site)} · `}
          {words.value.events.sheets[format]}
        </bdi>
      ),
      wish: { kind: "export", what: "people", format, filter: { ...asked, ...kinds, site: site.id } } as const,
    })),
  );
  const list = listKey(query.value);
  const isEmpty = isNothing(peopleSearch.found.value);
  return <FileExport name="people export" list={list} isEmpty={isEmpty} choices={choices} />;
}

const filters = filterNames.map((name) => [name]);

/** Says which filter to drop: the one without which most people are found. */
function NoPeople() {
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
  return `${{ site: f.site, group: words.value.event.group, match: w.matchBelow }[name]}: ${value}`;
}
