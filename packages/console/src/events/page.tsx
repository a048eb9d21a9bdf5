import type { Event, EventFilter } from "@gatepost/client";
import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useBestDrop } from "../parts/best-drop.ts";
import { AddBox, Button } from "../parts/button.tsx";
import { Export } from "../parts/event-export.tsx";
import { chosenEvents, ResultTable } from "../parts/event-table.tsx";
import { Facets } from "../parts/facets.tsx";
import { RunningJob } from "../parts/job-progress.tsx";
import { later } from "../parts/later.tsx";
import { Blank, Failed, Skeleton } from "../parts/loaded.tsx";
import { ClearFilter, SearchBox } from "../parts/search-box.tsx";
import { Said } from "../parts/text.tsx";
import { stretchInWords } from "../parts/time-facet.tsx";
import type { Query } from "../state/address.ts";
import { attempt } from "../state/failure.ts";
import {
  askedFilter,
  type FilterName,
  filterKey,
  hasFilter,
  lacksRange,
  onlyFirst,
  rangeFor,
} from "../state/filter.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { backTo, eventSearch, isCounting, opened, searchEvents, total } from "../state/results.ts";
import { isAdmin, isGuard } from "../state/role.ts";
import { query, setQuery } from "../state/route.ts";
import { isNothing } from "../state/search.ts";
import { gatepost } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";

/** Find the one passing. */
export function EventsPage() {
  const { pages } = words.value;
  const key = useComputed(() => filterKey(query.value)).value;
  const isBack = useRef(opened.peek() !== null).current;
  const isEndless = lacksRange(query.value, rangeFor());
  // Before the page is painted, which otherwise says for a moment that nothing matches.
  useLayoutEffect(() => {
    const first = onlyFirst(query.peek());
    if (Object.keys(first).length > 0) {
      setQuery(first);
      say(words.peek().filters.onlyFirst);
      return;
    }
    // The address contains it, and the time is shown as a filter.
    if (isEndless) setQuery({ from: "week" });
    // A user who returns from an event finds the list as it was; otherwise it is searched again, as there may be new
    // events.
    else if (!(isBack && isThere(key))) searchEvents(key, askedFilter(query.peek()));
  }, [key, isEndless]);
  useLayoutEffect(() => backTo(opened.peek()), []);
  const isEmpty = isNothing(eventSearch.found.value);
  return (
    <>
      <header class="head">
        <h1>{pages.events}</h1>
        <SearchBox />
        <span class="quiet desk" aria-hidden="true">
          <kbd>/</kbd>
        </span>
        <span class="end line desk">
          {hasFilter(query.value) && isAdmin.value ? <MarkAll /> : null}
          {isGuard.value ? null : <Export isEmpty={isEmpty} />}
        </span>
      </header>
      <Facets />
      <Content />
      <Chosen />
    </>
  );
}

const Bar = later(async () => (await import("./chosen-bar.tsx")).ChosenEventsBar);

function Chosen() {
  const clear = () => chosenEvents.clear();
  const { key } = eventSearch.found.value;
  useEffect(() => clear, [key]);
  return chosenEvents.all.length === 0 ? null : <Bar onClose={clear} />;
}

function isThere(key: string): boolean {
  const { key: found, failure } = eventSearch.found.peek();
  return found === key && failure === null;
}

function Content() {
  const { items: events, isLoading, isStale, failure, retryAt } = eventSearch.found.value;
  if (failure !== null && events.length === 0) {
    return (
      <Failed failure={failure} retryAt={retryAt} onRetry={eventSearch.again}>
        {/* An address may ask for what the server does not know. */}
        {failure.status === 400 && hasFilter(query.value) ? <ClearFilter /> : null}
      </Failed>
    );
  }
  if (events.length === 0 && isLoading) return <Skeleton as="passings" />;
  if (events.length === 0 && hasFilter(query.value)) return <NothingFound />;
  if (events.length === 0) return <NothingYet />;
  return (
    <div class={isStale ? "stale" : undefined}>
      <p class="meta counted" role="status">
        {counted(events.length)}
      </p>
      <ResultTable />
      <More />
    </div>
  );
}

/** Whether there are more, and why they do not come. */
function More() {
  const { events: w, failure: f } = words.value;
  const { isLoading, failure, next } = eventSearch.found.value;
  if (failure !== null) {
    return (
      <p class="more" role="alert">
        <Said of={failure} /> <Button onClick={eventSearch.again}>{f.again}</Button>
      </p>
    );
  }
  return <p class="more">{isLoading ? w.loading : next === null ? w.end : w.moreComes}</p>;
}

function NothingYet() {
  const { events: w } = words.value;
  return (
    <Blank icon="events" title={w.emptyTitle} why={w.emptyWhy}>
      <AddBox />
    </Blank>
  );
}

function counted(loaded: number): string {
  const { events: w } = words.value;
  const all = total.value;
  if (all !== null) return all.isExact ? w.count(all.count) : w.countAtLeast(all.count);
  if (eventSearch.found.value.next === null) return w.count(loaded);
  return isCounting.value ? "…" : w.loaded(loaded);
}

const name = "seen";

/** Marks all events of the list as seen, not only the loaded ones; with progress, and a way to stop. */
function MarkAll() {
  const { events: w } = words.value;
  const job = jobOf(name).value;
  if (isUnfinished(job)) return <RunningJob job={job} label={w.markAll} />;
  return (
    <Button icon="check" onClick={() => void attempt(markAll)}>
      {w.markAll}
    </Button>
  );
}

/** A person who has passed since the list was loaded was not seen. */
function filterUpTo(newest: Event | undefined, filter: EventFilter): EventFilter {
  return newest === undefined ? filter : { ...filter, to: new Date(newest.timestamp + 1).toISOString() };
}

async function markAll(): Promise<void> {
  const ended = await runJob(name, {
    kind: "seen",
    filter: filterUpTo(eventSearch.found.value.items[0], eventSearch.query.value),
  });
  if (ended === null) return;
  const { events: w } = words.value;
  say(ended.state === "failed" ? w.markFailed(ended.done) : w.marked(ended.done));
}

/** Says which filter to drop: the one without which most is found. */
function NothingFound() {
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
  if (name === "from" || name === "to") return `${words.value.columns.time}: ${stretchInWords()}`;
  if (name === "type")
    return `${w.kind}: ${query
      .peek()
      [name]?.map((kind) => entryOf(words.value.kinds, kind) ?? kind)
      .join(", ")}`;
  if (name === "result") return `${w.result}: ${entryOf(w.results, value) ?? value}`;
  return `${w[name]}: ${value}`;
}
