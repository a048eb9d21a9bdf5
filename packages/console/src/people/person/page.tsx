import type { Event } from "@gatepost/client";
import { useEffect } from "preact/hooks";
import { placeOf } from "../../format/event.ts";
import { day, near } from "../../format/time.ts";
import { AlertMe } from "../../parts/alert-me.tsx";
import { CopyLink } from "../../parts/copy-link.tsx";
import { Export } from "../../parts/event-export.tsx";
import { Head } from "../../parts/head.tsx";
import { Blank, Failed, Outdated, Skeleton } from "../../parts/loaded.tsx";
import { Kind, State } from "../../parts/mark.tsx";
import { Photo } from "../../parts/people/photo.tsx";
import { Opener } from "../../parts/popover.tsx";
import { usePaperSite } from "../../parts/printing.ts";
import { BoxText } from "../../parts/text.tsx";
import { useTitle } from "../../parts/title.ts";
import { addressOf, personOfPath } from "../../state/address.ts";
import { now } from "../../state/clock.ts";
import { onErased, withoutErased } from "../../state/erased.ts";
import type { Failure } from "../../state/failure.ts";
import { zonedTime } from "../../state/hours/zoned.ts";
import { remember } from "../../state/known-events.ts";
import { useLoading } from "../../state/loading.ts";
import { boxNameById, useGates } from "../../state/people/gates.ts";
import { isAdmin } from "../../state/role.ts";
import { address } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { listAllSites, type Site, siteNameOf, siteOfLibrary } from "../../state/sites.ts";
import { words } from "../../words/index.ts";
import { peopleWords } from "../../words/people.ts";
import { About, Conflict, openRequest, type Person, PersonGates, type Schedule } from "./about.tsx";
import { PhotoRequest } from "./asked.tsx";
import { Captured } from "./captured.tsx";
import { FourteenDays } from "./fourteen.tsx";
import { LastDay } from "./last-day.tsx";

/** Who is it, and when did the person pass? */
export function PersonPage() {
  const path = address.value.id ?? "";
  useGates();
  return <Shown key={path} of={personOfPath(path)} />;
}

interface Loaded {
  person: Person;
  /** The last passing; null if it was erased meanwhile. */
  event: Event | null;
  /** The site of the library; null if the user sees none. */
  site: Site | null;
  schedules: readonly Schedule[];
}

const everyMs = 60_000;

function Shown({ of: { library, id } }: { of: { library: string; id: string } }) {
  const { state, reload } = useLoading<Loaded>(
    `person ${library} ${id}`,
    (signal) => loadPerson({ library, id }, signal),
    { every: everyMs },
  );
  const { value, failure, retryAt } = state.value;
  const isGone = failure !== null && isNoMore(failure);
  const shown = isGone ? null : value;
  useTitle(shown?.person.names[0] ?? (shown === null ? words.value.pages.person : id));
  useEffect(() => {
    const leave = (isErased: Parameters<Parameters<typeof onErased>[0]>[0]) => {
      const event = state.peek().value?.event ?? null;
      if (event !== null && isErased(event)) reload();
    };
    return onErased(leave, () => [state.peek().value?.event ?? null]);
  }, []);
  if (shown !== null) {
    return (
      <>
        <Outdated of={state.value} />
        <Whole {...shown} onChanged={reload} />
      </>
    );
  }
  return (
    <>
      <Head title={words.value.pages.person} />
      {failure === null ? (
        <Skeleton as="panels" />
      ) : isGone ? (
        <Gone failure={failure} />
      ) : (
        <Failed failure={failure} retryAt={retryAt} onRetry={reload} />
      )}
    </>
  );
}

async function loadPerson(path: { library: string; id: string }, signal: AbortSignal): Promise<Loaded> {
  const [person, sites] = await Promise.all([
    gatepost().ask("GET /v1/people/{library}/{id}", { path, signal }),
    listAllSites(signal),
  ]);
  const site = siteOfLibrary(person.library, sites);
  const ofEvent = async () => ({
    events: [await gatepost().ask("GET /v1/events/{id}", { path: { id: person.latest }, signal })],
  });
  const [{ events }, schedules] = await Promise.all([
    withoutErased(ofEvent()),
    person.schedule === null || site === null ? [] : schedulesOf(site.id, signal),
  ]);
  const [event = null] = events;
  if (event !== null) remember(event);
  return { person, event, site, schedules };
}

async function schedulesOf(site: string, signal: AbortSignal): Promise<readonly Schedule[]> {
  return (await gatepost().ask("GET /v1/schedules", { query: { site }, signal })).schedules;
}

/** A person who was erased, or never known: without a name. */
function Gone({ failure }: { failure: Failure }) {
  const w = peopleWords.value;
  const date = erasedOn(failure);
  const [title, why] =
    failure.status === 410
      ? [date === null ? w.erasedSometime : w.erased(date), w.erasedWhy]
      : [w.unknown, w.unknownWhy];
  return (
    <Blank icon="people" title={title} why={why}>
      <a class="btn main" href={addressOf("people")}>
        {w.allPeople}
      </a>
    </Blank>
  );
}

function Whole({ person, event, site, schedules, onChanged }: Loaded & { onChanged(): void }) {
  const w = peopleWords.value;
  const { library, id, events, days, usual, gates, conflict } = person;
  const zone = site?.zone ?? "UTC";
  usePaperSite(site?.id ?? library);
  const request = event === null ? null : openRequest(person, event);
  return (
    <article aria-labelledby="who">
      <Title person={person} event={event} site={site} zone={zone} />
      <div class="person-page">
        <div class="stack">
          {event === null ? null : <Pair event={event} />}
          {event === null || request === null ? null : (
            <PhotoRequest event={event} action={request.id} onDecided={onChanged} />
          )}
          <Conflict of={conflict} />
          {events === 1 ? <p class="note">{w.onePassing}</p> : null}
          <About
            of={person}
            schedules={schedules}
            lastDay={<LastDay of={person} zone={zone} onChanged={onChanged} />}
          />
          {events === 1 ? null : <PersonGates of={gates} />}
        </div>
        <div class="stack">
          <Captured library={library} id={id} events={events} list={passingsOf(person)} />
          {events === 1 ? null : <FourteenDays days={days} usual={usual} zone={zone} />}
        </div>
      </div>
    </article>
  );
}

/** The address of all passings of a person. */
function passingsOf({ library, id }: Person): string {
  const where = library.startsWith("~") ? { site: [library.slice(1)] } : { box: [library] };
  return addressOf("events", null, { person: [id], ...where });
}

function Title({ person, event, site, zone }: Pick<Loaded, "person" | "event" | "site"> & { zone: string }) {
  const w = peopleWords.value;
  const { library, id, names, type, groups, boxes, inside } = person;
  const place = library.startsWith("~") && site !== null ? siteNameOf(site) : boxNameById(library);
  return (
    <header class="title">
      <div class="gap">
        <h1 id="who">
          <BoxText text={names[0] ?? id} />
        </h1>
        <span class="line">
          <Kind of={type} />
          <span class="quiet">·</span>
          <bdi class="mono">{id}</bdi>
          <span class="quiet">·</span>
          <BoxText text={[...groups.slice(0, 1), place].join(w.comma)} />
          {inside === null ? null : (
            <>
              <span class="quiet">·</span>
              <State tone="ok" mark="employee">
                {w.insideSince(zonedTime(inside.since, zone))}
              </State>
            </>
          )}
        </span>
      </div>
      <div class="end line">
        {event === null ? null : <AlertMe event={event} label={w.alertMe} />}
        <Export of={{ person: [id], box: boxes }} />
        <MoreOf passings={passingsOf(person)} />
      </div>
    </header>
  );
}

/** The registered photo and the last captured face, at one size. */
function Pair({ event }: { event: Event }) {
  const w = peopleWords.value;
  const { pictures: p } = words.value;
  return (
    <div class="same">
      <Photo of={event} kind="registered" name={w.registered} alt={p.registered} />
      <Photo of={event} kind="captured" name={w.lastCaptured} alt={p.face}>
        <BoxText text={placeOf(event)} /> · {near(event.time, now.value)}
      </Photo>
    </div>
  );
}

/** Whether the server has no such person, or no longer; not a missing route of an older server. */
const isNoMore = ({ status, detail }: Failure) => status === 410 || (status === 404 && /no such person/.test(detail));

/** The day of an erasure by the server's answer; null if it does not say it. */
function erasedOn({ detail }: Failure): string | null {
  const at = Date.parse(/\bat (\d{4}-[\dT:.-]+Z)/.exec(detail)?.[1] ?? "");
  return Number.isNaN(at) ? null : day(at);
}

/** Further acts on a person. Erasing asks for the id in Settings, and gives the receipt there. */
function MoreOf({ passings }: { passings: string }) {
  const w = peopleWords.value;
  return (
    <Opener label={w.more} icon="more" look="icon">
      {(close) => (
        <ul class="choices">
          <CopyLink onChosen={close} />
          <li>
            <a class="btn bare" href={passings}>
              {w.passings}
            </a>
          </li>
          {isAdmin.value ? (
            <li>
              <a class="btn bare" href={addressOf("settings", "erase")}>
                {w.erase}
              </a>
            </li>
          ) : null}
        </ul>
      )}
    </Opener>
  );
}
