import type { Event } from "@gatepost/client";
import { useEffect } from "preact/hooks";
import { placeOf } from "../../format/event.ts";
import { near } from "../../format/time.ts";
import { Portrait } from "../../parts/faces.tsx";
import { BoxText } from "../../parts/text.tsx";
import { addressOf } from "../../state/address.ts";
import { now } from "../../state/clock.ts";
import { withoutErased } from "../../state/erased.ts";
import { remember } from "../../state/known-events.ts";
import { useLoading } from "../../state/loading.ts";
import { earlier } from "../../state/neighbours.ts";
import { gatepost } from "../../state/session.ts";
import { whereIdsAgree } from "../../state/sites.ts";
import { words } from "../../words/index.ts";

const maxEvents = 6;

/**
 * The same person before, at this box or at a site that shares its people: elsewhere it may be the id of another person. A
 * stranger has another id each time, and so no before.
 */
export function Before({ event }: { event: Event }) {
  const { event: w } = words.value;
  const person = event.person.type === "stranger" ? null : event.person.id;
  const { state } = useLoading(`before ${event.id}`, async (signal) => {
    if (person === null) return { events: [], where: {} };
    const where = await whereIdsAgree(event.box.id, signal);
    const query = { ...where, person, to: event.time, limit: maxEvents };
    const { events } = await withoutErased(gatepost().ask("GET /v1/events", { query, signal }));
    for (const event of events) remember(event);
    return { events, where };
  });
  const { events = null, where = {} } = state.value.value ?? {};
  useEffect(() => {
    earlier.value = events ?? [];
    // The key that opens them is of the next event as well.
    return () => {
      earlier.value = [];
    };
  }, [events]);
  if (person === null || events === null) return null;
  return (
    <section class="panel" aria-labelledby="before">
      <header>
        <h2 id="before">{w.before}</h2>
        {events.length === 0 ? null : (
          <a class="end quiet" href={addressOf("events", null, { person: [person], ...filterOf(where) })}>
            {w.beforeAll}
          </a>
        )}
      </header>
      {events.length === 0 ? (
        <p class="body quiet">{w.firstTime}</p>
      ) : (
        <ol class="before body">
          {events.map((one) => (
            <One key={one.id} event={one} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** As an address has it: several values of each name. */
const filterOf = (where: Record<string, string>) =>
  Object.fromEntries(Object.entries(where).map(([name, value]) => [name, [value]]));

function One({ event }: { event: Event }) {
  return (
    <li>
      <a href={addressOf("event", event.id)}>
        <Portrait of={event} />
        <b>
          <time dateTime={event.time}>{near(event.time, now.value)}</time>
        </b>
        <BoxText class="meta" text={placeOf(event)} />
      </a>
    </li>
  );
}
