import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Blank, Failed, Skeleton } from "../parts/loaded.tsx";
import { Tabs } from "../parts/pages/tabs.tsx";
import { AlikeQuestion } from "../parts/people/alike-question.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { Said } from "../parts/text.tsx";
import { serverTime } from "../state/clock.ts";
import { useGates } from "../state/people/gates.ts";
import { parameter, query, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";
import { ErasedPeople } from "./erased.tsx";
import { PeopleExport } from "./export.tsx";
import { PeopleFacets } from "./facets.tsx";
import { filterNames, hasFilter, listKey, peopleFilterOf } from "./filter.ts";
import { listAgain, openedPerson, peopleCount, peopleSearch } from "./found.ts";
import { PeopleList } from "./list.tsx";
import { NoPeople } from "./nothing.tsx";

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
  const w = peopleWords.value;
  const { failure, next, isLoading } = peopleSearch.found.value;
  if (failure !== null) {
    return (
      <p class="more" role="alert">
        <Said of={failure} /> <Button onClick={peopleSearch.again}>{words.value.failure.again}</Button>
      </p>
    );
  }
  return <p class="more">{next === null ? <bdi>{w.pinyin}</bdi> : isLoading ? w.loading : w.moreComes}</p>;
}

/** Characters that the API takes. */
const maxLength = 256;

/** Search by name, id or the reading of a name. */
function PeopleSearch() {
  const { search, placeholder } = peopleWords.value;
  return <SearchField of="people" label={search} placeholder={placeholder} maxLength={maxLength} />;
}
