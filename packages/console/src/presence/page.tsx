import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { kindWord } from "../format/event.ts";
import { count } from "../format/number.ts";
import { clockTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Find } from "../parts/field.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Mark } from "../parts/mark.tsx";
import { Tabs } from "../parts/pages/tabs.tsx";
import { AlikeQuestion } from "../parts/people/alike-question.tsx";
import { Pill } from "../parts/pill.tsx";
import { usePaperSite } from "../parts/printing.ts";
import { addressOf } from "../state/address.ts";
import { onArrivals } from "../state/live/arrivals.ts";
import { useLoading } from "../state/loading.ts";
import { areGatesKnown, gateNameOf, useGates } from "../state/people/gates.ts";
import { sharedNames } from "../state/people/namesakes.ts";
import {
  countInside,
  emptySince,
  goodForMs,
  type Inside,
  isCalled,
  type Order,
  orders,
  type Presence,
  peopleInside,
  readPresence,
  stayOf,
} from "../state/people/presence.ts";
import { isAdmin, isManager } from "../state/role.ts";
import { parameter, setQuery } from "../state/route.ts";
import { listSites, type Site, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { insideWords } from "../words/inside.ts";
import { BeginRoll } from "./begin.tsx";
import { Group } from "./card.tsx";
import { Expected } from "./expected.tsx";
import { Overdue } from "./overdue.tsx";
import { Today } from "./today.tsx";

/** Who is in there now? */
export function InsidePage() {
  const sites = useLoading("sites with people", listSites);
  const listed = sites.state.value.value;
  const chosen = listed?.find(({ id }) => id === parameter("site")) ?? listed?.[0];
  if (chosen !== undefined && listed !== null) return <SitePage sites={listed} site={chosen} />;
  return (
    <>
      <Head title={words.value.pages.inside} />
      <Loaded of={sites}>{() => <NoDirection />}</Loaded>
    </>
  );
}

function SitePage({ sites, site }: { sites: readonly Site[]; site: Site }) {
  const w = insideWords.value;
  const loading = useLoading(`inside ${site.id}`, (signal) => readPresence(site.id, signal), { every: goodForMs });
  const presence = loading.state.value.value;
  usePaperSite(site.id);
  // A count that is on its way would be given up, and on a busy site none would end.
  const countAgain = () => (loading.state.peek().isLoading ? undefined : loading.reload());
  useEffect(() => afterPassings(site.id, countAgain), [site.id]);
  const typed = parameter("q") ?? "";
  const isBeginning = useSignal(false);
  return (
    <>
      {isBeginning.value ? <BeginRoll site={site} onClose={() => (isBeginning.value = false)} /> : null}
      <Head title={words.value.pages.inside} say={presence === null ? undefined : w.counted(clockTime(presence.at))}>
        <Find label={w.search} value={typed} onFind={(text) => setQuery({ q: text.trim() === "" ? null : text })} />
        <span class="end line tools">
          <Button icon="print" look="desk" onClick={() => window.print()}>
            {words.value.print}
          </Button>
          {isManager.value ? (
            <Button icon="alarm" look="risk" data-key="e" onClick={() => (isBeginning.value = true)}>
              {words.value.pages.roll}
            </Button>
          ) : null}
        </span>
      </Head>
      <SiteTabs sites={sites} chosen={site.id} inside={presence?.inside ?? null} />
      <Loaded of={loading} as="cards">
        {(value) => <People key={site.id} of={value} site={site} typed={typed} onChanged={loading.reload} />}
      </Loaded>
      <AlikeQuestion site={site.id} onAnswered={loading.reload} />
    </>
  );
}

/** The sites with the number of people in each. The others are counted once, one after the other. */
function SiteTabs({ sites, chosen, inside }: { sites: readonly Site[]; chosen: string; inside: number | null }) {
  const { state } = useLoading("inside other sites", async (signal) => {
    const counts = new Map<string, number>();
    for (const { id, presence } of sites) {
      if (presence !== "none") counts.set(id, await countInside(id, signal));
    }
    return counts;
  });
  if (sites.length < 2) return null;
  const counts = state.value.value;
  const first = sites[0]?.id ?? chosen;
  const countOf = ({ id, presence }: Site) => {
    if (presence === "none") return undefined;
    const known = id === chosen ? (inside ?? counts?.get(id)) : counts?.get(id);
    return known === undefined ? null : count(known);
  };
  return (
    <Tabs
      label={words.value.filters.site}
      parameterName="site"
      tabs={sites.map((site) => [site.id, siteNameOf(site), countOf(site)] as const)}
      chosen={chosen}
      first={first}
    />
  );
}

interface PeopleProps {
  of: Presence;
  site: Site;
  typed: string;
  onChanged(): void;
}

const kindsOf = {
  blacklist: ["blacklist"],
  visitor: ["visitor"],
  staff: ["employee", "vip"],
  unknown: ["unknown"],
} as const;

function People({ of, site, typed, onChanged }: PeopleProps) {
  const w = insideWords.value;
  useGates();
  const { people, fresh, show } = useHeld(site.id, of.people);
  const { counted, inside, strangers } = of;
  if (counted.in.length === 0 && counted.out.length === 0) {
    return (
      <>
        <Expected site={site.id} />
        <NoDirection site={site.id} />
      </>
    );
  }
  const order = orders.find((name) => name === parameter("order")) ?? "newest";
  const sought = typed === "" ? people : people.filter((one) => isCalled(one, typed));
  const ordered = peopleInside(sought, order);
  const shared = sharedNames(people);
  const group = (name: keyof typeof kindsOf) => {
    const isOf = ({ type }: (typeof people)[number]) => kindsOf[name].some((kind) => kind === type);
    return { name: w.groups[name], total: people.filter(isOf).length, people: ordered.filter(isOf), shared };
  };
  const overdue = sought.filter(({ isOverdue }) => isOverdue);
  return (
    <>
      <div class="inside-top">
        <Total of={of} site={site} />
        <Today today={of.today} before={of.before} />
      </div>
      <Pill count={fresh} onShow={fresh === 0 ? null : show} />
      <Overdue
        site={site.id}
        people={overdue}
        shared={shared}
        corrections={of.corrections}
        mayCorrect={isManager.value}
        onChanged={onChanged}
      />
      <Expected site={site.id} />
      {inside === 0 ? (
        <Blank icon="inside" title={w.none(siteNameOf(site), emptySince(of.today))} />
      ) : ordered.length === 0 ? (
        <Blank icon="events" title={w.noMatch(typed)} />
      ) : null}
      {strangers.in > 0 || of.leftWithoutIn > 0 ? (
        <h2 class="sub">
          {w.unknown}{" "}
          <span class="meta">
            {strangers.in === 0 ? null : (
              <a href={addressOf("events", null, strangersOfDay(site.id, of.at))}>
                <u>{w.strangers(strangers.in, strangers.out)}</u>
              </a>
            )}
            {of.leftWithoutIn === 0 ? null : ` ${w.withoutIn(of.leftWithoutIn)}`}
          </span>
        </h2>
      ) : null}
      <Group {...group("blacklist")} />
      <Group {...group("visitor")} />
      <Group {...group("staff")}>
        <Orders chosen={order} />
      </Group>
      <Group {...group("unknown")} />
      {of.next === null ? null : <p class="more">{w.notAll(of.people.length, inside)}</p>}
      <Counting of={of} site={site.id} />
    </>
  );
}

/** Strangers of the day up to the count. */
function strangersOfDay(site: string, at: string) {
  const day = new Date(at);
  day.setHours(0, 0, 0, 0);
  return { site: [site], type: ["stranger"], from: [day.toISOString()] };
}

const shownKinds = ["employee", "visitor", "vip", "blacklist", "unknown", "stranger"] as const;

function Total({ of: { inside, byKind, strangers }, site }: { of: Presence; site: Site }) {
  const w = insideWords.value;
  const about = Math.max(0, strangers.in - strangers.out);
  const counts = { ...byKind, stranger: about };
  return (
    <section class="panel big-number" aria-label={w.now}>
      <b>{count(inside)}</b>
      <span class="quiet">{w.insideSite(siteNameOf(site))}</span>
      <span class="line">
        {shownKinds.map((kind) => {
          const n = counts[kind] ?? 0;
          return n === 0 ? null : (
            <span key={kind} class={`kind ${kind}`}>
              <Mark name={kind} />
              {count(n)}
              <span class="hide">{kindWord(kind)}</span>
            </span>
          );
        })}
      </span>
    </section>
  );
}

function Orders({ chosen }: { chosen: Order }) {
  const w = insideWords.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are three buttons.
    <span class="seg end" role="group" aria-label={w.order}>
      {orders.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === chosen}
          onClick={() => setQuery({ order: name === "newest" ? null : name })}
        >
          {w.orders[name]}
        </button>
      ))}
    </span>
  );
}

/** Which gates count, and which do not. */
function Counting({ of: { counted }, site }: { of: Presence; site: string }) {
  const w = insideWords.value;
  const names = (keys: readonly string[]) => [...new Set(keys.map(gateNameOf))];
  return (
    <p class="more">
      {areGatesKnown() ? (
        <>
          <bdi>{w.countedBy(names(counted.in), names(counted.out))}</bdi>{" "}
          {counted.none.length === 0 ? null : <bdi>{w.notCounted(names(counted.none))}</bdi>}{" "}
        </>
      ) : null}
      <SetDirections site={site} />
    </p>
  );
}

function NoDirection({ site }: { site?: string }) {
  const w = insideWords.value;
  return (
    <Blank icon="inside" title={w.noDirection} why={w.noDirectionWhy}>
      <SetDirections site={site} />
    </Blank>
  );
}

/** The way to the directions of the devices of a site, for users who may set them. */
function SetDirections({ site }: { site: string | undefined }) {
  if (!isAdmin.value) return null;
  return (
    <a href={addressOf("settings", "sites", site === undefined ? {} : { site: [site] })}>
      <u>{insideWords.value.setDirections}</u>
    </a>
  );
}

/** Ms between a passing and the next count: passings of this time are counted together. */
const waitMs = 3000;

/**
 * Calls `count` some seconds after a known person or a stranger has passed at a site, once for all passings of this time.
 * The returned function ends it.
 */
function afterPassings(site: string, count: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = onArrivals((arrived) => {
    if (timer !== undefined || !arrived.some(({ box }) => (box.site ?? "default") === site)) return;
    timer = setTimeout(() => {
      timer = undefined;
      count();
    }, waitMs);
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}

/** A list that keeps new people back until they are asked for. People who have left are gone at once. */
function useHeld(site: string, people: readonly Inside[] | null) {
  const shown = useSignal<{ site: string; stays: ReadonlySet<string> } | null>(null);
  const isShown = (one: Inside) => shown.value?.site === site && shown.value.stays.has(stayOf(one));
  // After another site was chosen, or its people got other libraries.
  const isFirst = people !== null && !people.some(isShown);
  const show = () => {
    if (people !== null) shown.value = { site, stays: new Set(people.map(stayOf)) };
  };
  useLayoutEffect(() => {
    if (isFirst) show();
  }, [isFirst, people]);
  const held = (people ?? []).filter((one) => isFirst || isShown(one));
  return { people: held, fresh: (people?.length ?? 0) - held.length, show };
}
