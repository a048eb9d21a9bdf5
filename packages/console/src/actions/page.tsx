import type { RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { SiteFacet } from "../events/facets.tsx";
import { counts } from "../live/feed.ts";
import { Pill } from "../live/head.tsx";
import { Button } from "../parts/button.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Failed, Outdated, Skeleton } from "../parts/loaded.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { useLoading } from "../state/loading.ts";
import { parameter } from "../state/route.ts";
import { words } from "../words/index.ts";
import { listActions, type StateFilter, stateFilters, useHeldList } from "./listing.ts";
import { SettledTable } from "./settled-table.tsx";
import { Task } from "./task.tsx";

/** The requests of boxes that are still open. */
export function ActionsPage() {
  const { pages, actions: w, states } = words.value;
  const site = parameter("site");
  const chosen = stateFilters.find((name) => name === parameter("state")) ?? "open";
  const labels: Record<StateFilter, string> = {
    open: w.open,
    withheld: states.withheld,
    done: states.done,
    all: w.all,
  };
  return (
    <>
      <Head title={pages.actions} say={w.about}>
        <span class="end line tools">
          <SiteFacet />
        </span>
      </Head>
      <Tabs
        label={w.tabs}
        parameterName="state"
        first="open"
        chosen={chosen}
        tabs={stateFilters.map((name) => [
          name,
          labels[name],
          name === "open" ? (counts.value?.actions ?? null) : undefined,
        ])}
      />
      <List key={`${chosen} ${site}`} filter={chosen} site={site} />
    </>
  );
}

const everyMs = 15_000;

function List({ filter, site }: { filter: StateFilter; site: string | null }) {
  const { actions: w } = words.value;
  const pages = useSignal(1);
  const { state, reload, set } = useLoading(
    filter,
    (signal) => listActions(filter, { pages: pages.value, site }, signal),
    {
      every: everyMs,
    },
  );
  const more = () => {
    pages.value++;
    reload();
  };
  const { value, failure, retryAt } = state.value;
  if (value === null && failure !== null) return <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
  if (value === null) return <Skeleton />;
  if (value.actions.length === 0 && filter !== "open") return <Blank icon="actions" title={w.noneIn} />;
  // In the list as it is by then: another may have been settled while this one was.
  const settled = (changed: RequestedAction) => {
    const held = state.peek().value ?? value;
    set({ ...held, actions: held.actions.map((one) => (one.id === changed.id ? { ...one, ...changed } : one)) });
  };
  return (
    <>
      <Outdated of={state.value} />
      {filter === "open" ? (
        <Tasks actions={value.actions} onSettled={settled} />
      ) : (
        <SettledTable actions={value.actions} onChanged={settled} />
      )}
      {value.isMore ? (
        <p class="more">
          <Button onClick={more}>{w.more}</Button>
        </p>
      ) : null}
      {filter === "open" ? <Lately site={site} /> : null}
    </>
  );
}

interface TasksProps {
  actions: readonly RequestedAction[];
  onSettled(changed: RequestedAction): void;
}

function Tasks({ actions, onSettled }: TasksProps) {
  const { actions: w } = words.value;
  const list = useRef<HTMLUListElement>(null);
  const { shown, fresh, showAll } = useHeldList(actions, list);
  // Keeps the form while the user types a name, even if someone else settled the last action: the text would be lost.
  if (shown.length === 0) return <Blank icon="check" title={w.noneTitle} why={w.noneWhy} />;
  return (
    <div>
      <Pill count={fresh} onShow={fresh === 0 ? null : showAll} />
      <ul class="tasks" ref={list}>
        {shown.map((action) => (
          <Task key={action.id} action={action} onSettled={onSettled} />
        ))}
      </ul>
    </div>
  );
}

const few = 8;

function Lately({ site }: { site: string | null }) {
  const { state, reload } = useLoading(
    "lately settled",
    (signal) => listActions("settled", { pages: 1, site }, signal),
    {
      every: everyMs,
    },
  );
  const actions = state.value.value?.actions ?? [];
  if (actions.length === 0) return null;
  return (
    <section aria-labelledby="settled" class="below">
      <h2 id="settled">{words.value.actions.settled}</h2>
      <SettledTable actions={actions.slice(0, few)} onChanged={reload} />
    </section>
  );
}
