import type { Api, Event } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dayMs } from "../../format/durations.ts";
import { placeOf } from "../../format/event.ts";
import { near as nearTime, shortDay } from "../../format/time.ts";
import { Button } from "../../parts/button.tsx";
import { Portrait } from "../../parts/faces.tsx";
import { PlainFacet } from "../../parts/facet.tsx";
import { Failed } from "../../parts/loaded.tsx";
import { BoxText } from "../../parts/text.tsx";
import { now, serverTime } from "../../state/clock.ts";
import { type Erasable, onErased } from "../../state/erased.ts";
import { useLoading } from "../../state/loading.ts";
import { allGates, gateNameOf } from "../../state/people/gates.ts";
import { parameter, setQuery } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { peopleWords } from "../../words/people.ts";
import { usePassing } from "./passing.ts";

type Near = Api["GET /v1/events/{id}/near"]["answer"];
type Days = "1" | "7" | "30";
const dayChoices: readonly Days[] = ["1", "7", "30"];
const usualDays: Days = "7";

/** The passing beside this one: the chosen one, or the one that is pointed at. */
export interface Beside {
  fixed: Signal<string | null>;
  pointed: Signal<string | null>;
  /** The newest one, which is beside it before any is chosen. */
  first: Signal<string | null | undefined>;
}

/** The faces of other strangers at the same gate, to compare by eye. */
export function Strangers({ event, beside }: { event: Event; beside: Beside }) {
  const w = peopleWords.value;
  const device = parameter("device");
  const days = dayChoices.find((one) => one === parameter("days")) ?? usualDays;
  const asked = { days, ...(device === null ? {} : { device }) };
  const key = `${event.id} ${days} ${device}`;
  const { state, reload } = useLoading<Near>(`near ${key}`, (signal) =>
    gatepost().ask("GET /v1/events/{id}/near", { path: { id: event.id }, query: asked, signal }),
  );
  const { value, failure, retryAt } = state.value;
  const gate = device === null ? placeOf(event) : gateNameOf(device);
  return (
    <section class="panel" aria-labelledby="strangers">
      <header>
        <h2 id="strangers">{w.strangersHere}</h2>
        {value === null ? null : <span class="meta">{spanText(event, Number(days), value.total)}</span>}
        <span class="end line">
          <GateFacet event={event} device={device} />
          <PlainFacet
            label={w.daysAround}
            choices={dayChoices.map((one) => [one, w.around(one)])}
            chosen={days}
            onChoose={(one) => setQuery({ days: one === usualDays ? null : one })}
          />
        </span>
      </header>
      <div class="body">
        {value === null && failure !== null ? <Failed failure={failure} retryAt={retryAt} onRetry={reload} /> : null}
        {value?.total === 0 ? (
          <p class="quiet">
            <bdi>{w.noOther(gate)}</bdi>
          </p>
        ) : null}
        {value === null ? null : <Grid key={key} event={event} first={value} asked={asked} beside={beside} />}
        <p class="more">{w.how}</p>
      </div>
    </section>
  );
}

function spanText(event: Event, days: number, total: number): string {
  const at = Date.parse(event.time);
  const [from, to] = [at - days * dayMs, Math.min(at + days * dayMs, serverTime())];
  return peopleWords.value.strangersSpan(shortDay(from), shortDay(to), total);
}

/** The gate whose strangers are shown: this one's, or another one that the user sees. */
function GateFacet({ event, device }: { event: Event; device: string | null }) {
  const w = peopleWords.value;
  const { id, endpoint, ip } = event.device;
  const ownId = id ?? endpoint ?? ip;
  const gates = allGates();
  const isOneOfSeveral = (name: string) => gates.filter((gate) => gate.name === name).length > 1;
  const others = gates.filter((gate) => gate.id !== ownId || gate.box !== event.box.id);
  const choices = others.map(
    (gate) => [gate.key, isOneOfSeveral(gate.name) ? `${gate.name} · ${gate.id}` : gate.name] as const,
  );
  return (
    <PlainFacet
      label={w.gate}
      choices={[["", placeOf(event)], ...choices]}
      chosen={device ?? ""}
      onChoose={(chosen) => setQuery({ device: chosen || null })}
    />
  );
}

interface GridProps {
  event: Event;
  first: Near;
  asked: { days: Days; device?: string };
  beside: Beside;
}

function Grid({ event, first, asked, beside }: GridProps) {
  const further = useSignal<Near | null>(null);
  const erased = useSignal<ReadonlySet<string>>(new Set());
  const isBusy = useSignal(false);
  const all = [...first.near, ...(further.value?.near ?? [])].filter((one) => !erased.value.has(one.event));
  const shown = useRef(all);
  shown.current = all;
  const newest = all[0]?.event ?? null;
  useEffect(() => {
    beside.first.value = newest;
  }, [newest]);
  useEffect(() => {
    const takeOff = (isErased: (event: Erasable) => boolean) => {
      const gone = shown.current.map(erasableOf).filter(isErased);
      if (gone.length > 0) erased.value = new Set([...erased.value, ...gone.map(({ id }) => id)]);
    };
    return onErased(takeOff, () => shown.current.map(erasableOf));
  }, []);
  const next = further.value === null ? first.next : further.value.next;
  const more = async () => {
    if (next === null || isBusy.peek()) return;
    isBusy.value = true;
    const path = { id: event.id };
    const page = await gatepost()
      .ask("GET /v1/events/{id}/near", { path, query: { ...asked, cursor: next } })
      .catch(() => null);
    if (page !== null) further.value = { ...page, near: [...(further.value?.near ?? []), ...page.near] };
    isBusy.value = false;
  };
  return (
    <>
      <ol class="faces-grid" aria-labelledby="strangers" onPointerLeave={() => (beside.pointed.value = null)}>
        {all.map((one) => (
          <Face key={one.event} of={one} beside={beside} />
        ))}
      </ol>
      {next === null ? null : (
        <p class="line">
          <Button aria-disabled={isBusy.value} onClick={() => void more()}>
            {words.value.showMore}
          </Button>
        </p>
      )}
    </>
  );
}

const erasableOf = ({ event }: Near["near"][number]): Erasable => ({
  id: event,
  box: { id: "" },
  person: { id: null },
});

function Face({ of: { event: id, at, device }, beside }: { of: Near["near"][number]; beside: Beside }) {
  const { event } = usePassing(id, { isFresh: false });
  const put = () => {
    beside.pointed.value = id;
  };
  return (
    <li>
      <button
        type="button"
        aria-pressed={beside.fixed.value === id}
        onPointerEnter={({ pointerType }) => (pointerType === "mouse" ? put() : undefined)}
        onFocus={put}
        onClick={() => {
          beside.fixed.value = beside.fixed.peek() === id ? null : id;
        }}
      >
        <span class="frame">
          {event === null ? <span class="pic waits" /> : <Portrait of={event} width={96} height={120} />}
        </span>
        <b>
          <time dateTime={at}>{nearTime(at, now.value)}</time>
        </b>
        <BoxText class="meta" text={gateNameOf(device)} />
      </button>
    </li>
  );
}
