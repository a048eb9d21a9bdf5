import type { Action } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { wantActions } from "../format/event.ts";
import { count } from "../format/number.ts";
import { Button } from "../parts/button.tsx";
import { ChoiceFacet, FacetRow } from "../parts/facet.tsx";
import { SiteFacet } from "../parts/facets.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Bones, Failed, Outdated } from "../parts/loaded.tsx";
import { MakeRule } from "../parts/make-rule.tsx";
import { Tabs } from "../parts/pages/tabs.tsx";
import { Pill } from "../parts/pill.tsx";
import { decisions, resumeDecisions } from "../state/acting/by-job.ts";
import { changes, isDecided, isOpen } from "../state/acting/decided.ts";
import { isUnfinished, jobOf } from "../state/jobs.ts";
import { counts } from "../state/live/feed.ts";
import { useLoading } from "../state/loading.ts";
import { mayWriteRules } from "../state/role.ts";
import { query } from "../state/route.ts";
import { me } from "../state/session.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";
import { Say } from "../words/say.tsx";
import { ChosenBar, chosen } from "./chosen-bar.tsx";
import {
  type Conditions,
  countActions,
  countUntold,
  listActions,
  readAll,
  type StateFilter,
  stateFilters,
  useHeldList,
} from "./listing.ts";
import { SettledTable } from "./settled-table.tsx";
import { Task } from "./task.tsx";

/** The requests of boxes that are still open. */
export function ActionsPage() {
  const { pages, wants } = words.value;
  const w = actionWords.value;
  const conditions = conditionsOf(query.value);
  const chosen = stateFilters.find((name) => name === query.value["state"]?.[0]) ?? "open";
  const countOf = useCounts(chosen, conditions);
  useEffect(() => void resumeDecisions(), []);
  return (
    <>
      <Head title={pages.actions} say={w.about} />
      <FacetRow>
        <ChoiceFacet parameterName="want" label={words.value.columns.asked} choices={wants} values={wantActions} />
        <ChoiceFacet parameterName="match" label={words.value.match} choices={matchChoices()} values={matches} />
        <SiteFacet />
      </FacetRow>
      <States chosen={chosen} countOf={countOf} />
      <List
        key={`${chosen} ${JSON.stringify(conditions)}`}
        filter={chosen}
        conditions={conditions}
        matching={exactly(countOf(chosen))}
      />
    </>
  );
}

const matches = ["95", "90", "80", "60"];
const matchChoices = () => Object.fromEntries(matches.map((one) => [one, actionWords.value.fromMatch(one)]));

/** The filters of the address, unchanged: the server refuses a wrong one. */
function conditionsOf({ want = [], match = [], site = [] }: typeof query.value): Conditions {
  const given = { want: want[0], match: match[0], site: site[0] };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const countEveryMs = 60_000;

/** How many actions a list has: null before it is known, undefined if that is not counted. */
type Counted = { count: number; isExact: boolean } | null | undefined;

function useCounts(chosen: StateFilter, conditions: Conditions): (name: StateFilter) => Counted {
  const isAll = Object.keys(conditions).length === 0;
  // To count by match, the server reads each event.
  const counted = conditions.match === undefined ? stateFilters : [chosen];
  const { state, reload } = useLoading(
    `${counted} ${JSON.stringify(conditions)}`,
    async (signal) =>
      new Map(
        await Promise.all(counted.map(async (name) => [name, await countActions(name, conditions, signal)] as const)),
      ),
    { every: countEveryMs },
  );
  useReload(reload);
  return (name) => {
    if (name === "open" && isAll) return counts.value === null ? null : { count: counts.value.actions, isExact: true };
    return counted.includes(name) ? (state.value.value?.get(name) ?? null) : undefined;
  };
}

const exactly = (counted: Counted): number | null => (counted?.isExact === true ? counted.count : null);

function States({ chosen, countOf }: { chosen: StateFilter; countOf(name: StateFilter): Counted }) {
  const { states } = words.value;
  const w = actionWords.value;
  const labels: Record<StateFilter, string> = {
    open: w.open,
    withheld: states.withheld,
    declined: states.declined,
    done: states.done,
    all: w.all,
  };
  const textOf = (name: StateFilter) => {
    const found = countOf(name);
    if (found === null || found === undefined) return found;
    return found.isExact ? count(found.count) : w.atLeast(found.count);
  };
  return (
    <Tabs
      label={w.tabs}
      parameterName="state"
      first="open"
      chosen={chosen}
      tabs={stateFilters.map((name) => [name, labels[name], textOf(name)])}
    />
  );
}

/** Asks again after decisions of this browser. */
function useReload(reload: () => void): void {
  const { value } = changes;
  const shown = useRef(value);
  useEffect(() => {
    if (shown.current !== value) reload();
    shown.current = value;
  }, [value]);
}

const everyMs = 15_000;

interface ListProps {
  filter: StateFilter;
  conditions: Conditions;
  /** How many there are; null if that is not known. */
  matching: number | null;
}

function List({ filter, conditions, matching }: ListProps) {
  const w = actionWords.value;
  const pages = useSignal(1);
  const before = useRef<readonly Action[]>([]);
  const { state, reload, set } = useLoading(
    filter,
    (signal) => listActions(filter, { pages: pages.value, conditions, before: before.current }, signal),
    { every: everyMs },
  );
  useReload(reload);
  useEffect(() => () => chosen.clear(), []);
  const more = () => {
    pages.value++;
    reload();
  };
  const { value, failure, retryAt } = state.value;
  before.current = value?.actions ?? [];
  if (value === null && failure !== null) return <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
  if (value === null) return <CardBones />;
  if (value.actions.length === 0 && filter !== "open") return <Blank icon="actions" title={w.noneIn} />;
  // In the list as it is by then: another may have been settled while this one was.
  const changed = (action: Action) => {
    const held = state.peek().value ?? value;
    set({ ...held, actions: held.actions.map((one) => (one.id === action.id ? { ...one, ...action } : one)) });
  };
  return (
    <>
      <Outdated of={state.value} />
      {filter === "open" && me.value?.server.runtime === "one-machine" ? <Untold conditions={conditions} /> : null}
      {filter === "open" ? (
        <Tasks actions={value.actions} isFiltered={Object.keys(conditions).length > 0} onChanged={changed} />
      ) : (
        <SettledTable actions={value.actions} onChanged={changed} />
      )}
      {value.isMore ? (
        <p class="more">
          <Button onClick={more}>{words.value.showMore}</Button>
        </p>
      ) : null}
      {filter === "open" ? <Lately conditions={conditions} /> : null}
      {filter === "open" ? (
        <ChosenBar
          count={value.isMore ? matching : value.actions.filter(isOpen).length}
          readAll={() => readAll(conditions)}
          onChanged={changed}
        />
      ) : null}
    </>
  );
}

/** Says of how many open actions no one is told. On AWS, their queues keep them for subscribers. */
function Untold({ conditions }: { conditions: Conditions }) {
  const { state, reload } = useLoading("untold", (signal) => countUntold(conditions, signal), { every: everyMs });
  useReload(reload);
  const { value } = state.value;
  if (value === null || value.count === 0) return null;
  const w = actionWords.value;
  return (
    <p class="note warn untold" role="status">
      <span>
        {w.untold(value.count, value.isExact)}{" "}
        {mayWriteRules.value ? (
          <Say
            text={w.untoldRule}
            values={{ rule: <MakeRule label={w.makeRule} wants={value.wants} site={conditions.site ?? null} /> }}
          />
        ) : null}
      </span>
    </p>
  );
}

/** Stands in for the first actions, at their height. */
function CardBones() {
  return (
    <Bones>
      <ul class="asks" aria-hidden="true">
        {[1, 2, 3].map((row) => (
          <li key={row} class="ask panel">
            <div class="pics">
              <span class="pic bone" />
              <span />
              <span class="pic bone" />
            </div>
            <div class="about gap">
              <span class="bone l" />
              <span class="bone m" />
            </div>
          </li>
        ))}
      </ul>
    </Bones>
  );
}

interface TasksProps {
  actions: readonly Action[];
  isFiltered: boolean;
  onChanged(changed: Action): void;
}

function Tasks({ actions, isFiltered, onChanged }: TasksProps) {
  const w = actionWords.value;
  const list = useRef<HTMLUListElement>(null);
  const held = useHeldList(actions, list);
  const { fresh, showAll } = held;
  const shown = held.shown.filter(({ id }) => !isDecided(id));
  // Keeps the form while the user types a name, even if someone else settled the last action: the text would be lost.
  if (shown.length === 0) {
    // They are open until the job has decided them.
    if (isUnfinished(jobOf(decisions).value)) return null;
    return isFiltered ? (
      <Blank icon="check" title={w.noneFound} />
    ) : (
      <Blank icon="check" title={w.noneTitle} why={w.noneWhy} />
    );
  }
  return (
    <div>
      <Pill count={fresh} onShow={fresh === 0 ? null : showAll} />
      <ul class="asks" ref={list}>
        {shown.map((action) => (
          <Task
            key={action.id}
            action={action}
            onToggle={(isRange) => chosen.toggle(action, shown.filter(isOpen), isRange)}
            onChanged={onChanged}
          />
        ))}
      </ul>
    </div>
  );
}

const few = 8;

function Lately({ conditions }: { conditions: Conditions }) {
  const { state, reload } = useLoading(
    "lately settled",
    (signal) => listActions("settled", { pages: 1, conditions }, signal),
    { every: everyMs },
  );
  useReload(reload);
  const actions = state.value.value?.actions ?? [];
  if (actions.length === 0) return null;
  return (
    <section aria-labelledby="settled" class="below">
      <h2 id="settled">{actionWords.value.settled}</h2>
      <SettledTable actions={actions.slice(0, few)} onChanged={reload} />
    </section>
  );
}
