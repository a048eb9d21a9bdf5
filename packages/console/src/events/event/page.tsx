import type { Event } from "@gatepost/client";
import { useEffect, useRef } from "preact/hooks";
import { nameOf } from "../../format/event.ts";
import { clockTime } from "../../format/time.ts";
import { Compare, Know } from "../../parts/compare.tsx";
import { Portrait } from "../../parts/faces.tsx";
import { Judge } from "../../parts/judge.tsx";
import { Bones, Failed } from "../../parts/loaded.tsx";
import { Denied, Kind } from "../../parts/mark.tsx";
import { useNotes } from "../../parts/notes.tsx";
import { usePaperSite } from "../../parts/printing.ts";
import { BoxText } from "../../parts/text.tsx";
import { useTitle } from "../../parts/title.ts";
import { addressOf } from "../../state/address.ts";
import { answeredOf, onErased, withoutErased } from "../../state/erased.ts";
import { recall, remember } from "../../state/known-events.ts";
import { onArrivals } from "../../state/live/arrivals.ts";
import { lastSeen, lastTakenBack } from "../../state/live/standing.ts";
import { useLoading } from "../../state/loading.ts";
import { around, askBeside, fetchBeside, unsaid } from "../../state/neighbours.ts";
import { noteOpened } from "../../state/results.ts";
import { isAdmin } from "../../state/role.ts";
import { address } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { defaultSite } from "../../state/sites.ts";
import { words } from "../../words/index.ts";
import { Before } from "./before.tsx";
import { Erase } from "./erase.tsx";
import { Facts, Folds } from "./facts.tsx";
import { Thread } from "./thread.tsx";
import { Title } from "./title.tsx";
import { useEventActions, Why } from "./why.tsx";

/** Is it the same person, and what became of it? */
export function EventPage() {
  const id = address.value.id ?? "";
  const known = recall(id);
  const { state, reload, set } = useLoading<Event>(`event ${id}`, async (signal) => {
    const ask = () => answeredOf(id, gatepost().ask("GET /v1/events/{id}", { path: { id }, signal }));
    const [left] = (await withoutErased(ask().then((event) => ({ events: [event] })))).events;
    // If the event was erased while the answer was on its way, ask once more: the server then answers that it is gone.
    const event = left ?? (await ask());
    remember(event);
    return event;
  });
  useEffect(() => {
    noteOpened(id);
    scrollTo({ top: 0 });
  }, [id]);
  // A report that joins it, or an action that is settled, changes it where it is.
  useEffect(() => {
    // The feed does not say who has seen an event.
    const keep = (event: Event) => set({ ...event, acknowledgement: state.peek().value?.acknowledgement ?? null });
    return onArrivals((_, updated) => updated.filter((event) => event.id === id).forEach(keep));
  }, [id]);
  const [seen, takenBack] = [lastSeen.value, lastTakenBack.value].map((ids) => (ids.includes(id) ? ids : null));
  useEffect(() => {
    if (seen || takenBack) reload();
  }, [seen, takenBack]);
  // Erased by someone else: the server confirms it, and is asked once.
  useEffect(() => {
    let isAsked = false;
    const shown = () => state.peek().value ?? known;
    const leave = (isErased: (event: Event) => boolean) => {
      const event = shown();
      if (isAsked || event === null || !isErased(event)) return;
      isAsked = true;
      reload();
    };
    return onErased(leave, () => [shown()]);
  }, [id]);
  const event = isGone(state.value.failure) ? null : (state.value.value ?? known);
  useTitle(event === null ? words.value.pages.event : nameOf(event));
  return (
    <div class="split">
      <Slim id={id} />
      {event === null ? <Absent failed={state.value} onRetry={reload} /> : <Whole event={event} onChanged={reload} />}
    </div>
  );
}

const isGone = (failure: { status: number } | null) => failure?.status === 404;

function Absent({
  failed,
  onRetry,
}: {
  failed: Pick<Parameters<typeof Failed>[0], "retryAt"> & { failure: Parameters<typeof Failed>[0]["failure"] | null };
  onRetry(): void;
}) {
  return (
    <div>
      <h1 class="hide">{words.value.pages.event}</h1>
      {failed.failure === null ? (
        <EventSkeleton />
      ) : (
        <Failed failure={failed.failure} retryAt={failed.retryAt} onRetry={onRetry} />
      )}
    </div>
  );
}

function Whole({ event, onChanged }: { event: Event; onChanged(): void }) {
  const eventActions = useEventActions(event);
  usePaperSite(event.box.site ?? defaultSite);
  const { notes, reload } = useNotes(event);
  return (
    <article aria-labelledby="who">
      <Title event={event} />
      <Judge key={`judge ${event.id}`} event={event} onChanged={onChanged} onNoted={reload} />
      <Compare key={event.id} event={event} />
      <div class="two">
        <div class="stack">
          <Facts event={event} />
          <Know event={event} />
        </div>
        <Thread event={event} told={eventActions} notes={notes} />
      </div>
      <div class="stack">
        <Before event={event} />
        <Why event={event} told={eventActions} />
        <Folds event={event} />
        {isAdmin.value ? <Erase event={event} /> : null}
      </div>
    </article>
  );
}

/** Placeholder of an event that is still loading, with its pictures in their final places. */
function EventSkeleton() {
  return (
    <Bones>
      <div aria-hidden="true">
        <header class="title">
          <span class="bone l" />
        </header>
        <div class="compare">
          <span class="tall">
            <span class="pic waits" />
          </span>
          <span class="tall">
            <span class="pic waits" />
          </span>
          <span class="scene">
            <span class="pic waits" />
          </span>
        </div>
      </div>
    </Bones>
  );
}

/** So many around the opened one are enough to look at. */
const reach = 30;

/** The list beside an opened event, on a wide page. */
function Slim({ id }: { id: string }) {
  const list = useRef<HTMLElement>(null);
  useLoading(`beside ${id} ${unsaid.value}`, (signal) => askBeside(id, signal));
  useEffect(() => {
    fetchBeside(id);
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [id]);
  const events = around.value;
  const at = Math.max(
    0,
    events.findIndex((event) => event.id === id),
  );
  return (
    <nav class="slim" ref={list} aria-label={words.value.events.results}>
      <ul>
        {events.slice(Math.max(0, at - reach), at + reach).map((event) => (
          <One key={event.id} event={event} isOpen={event.id === id} />
        ))}
      </ul>
    </nav>
  );
}

function One({ event, isOpen }: { event: Event; isOpen: boolean }) {
  return (
    <li>
      <a href={addressOf("event", event.id)} aria-current={isOpen ? "true" : undefined}>
        <Portrait of={event} width={36} height={40} />
        <b>
          <BoxText text={nameOf(event)} />
        </b>
        <time dateTime={event.time}>{clockTime(event.time)}</time>
        <Kind of={event.person.type} />
        <Denied of={event} />
      </a>
    </li>
  );
}
