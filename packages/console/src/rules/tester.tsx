import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { nameOf } from "../format/event.ts";
import { clockTime } from "../format/time.ts";
import { Portrait } from "../parts/faces.tsx";
import { State } from "../parts/mark.tsx";
import { Said } from "../parts/text.tsx";
import { recall, remember } from "../state/known-events.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Conditions, type Trial } from "./conditions.tsx";

type Trials = Extract<Api["POST /v1/rules/try"]["answer"], { events: unknown }>;

const last = 100;

/** The pattern, tried on the latest announcements: matching ones light up, and each can explain itself. */
export function Tester({ pattern }: { pattern: unknown }) {
  const { rules: w } = words.value;
  const chosen = useSignal<string | null>(null);
  const { state } = useLoading(`try ${JSON.stringify(pattern)}`, (signal) => tryOut(pattern, signal));
  const { value, failure } = state.value;
  // An event with several actions has an entry of each.
  const tried = [...Map.groupBy(value?.events ?? [], ({ event }) => event)];
  const [, entries = []] = tried.find(([event]) => event === chosen.value) ?? [];
  return (
    <section class="panel" aria-labelledby="test">
      <header>
        <h2 id="test">{w.tried(value?.tried ?? last)}</h2>
        <span class="end" role="status">
          {value === null || value === undefined ? null : <State tone="ok">{w.match(value.matched)}</State>}
        </span>
      </header>
      <div class="body stack">
        {failure === null ? null : (
          <p class="quiet">
            <Said of={failure} />
          </p>
        )}
        {value?.tried === 0 ? <p class="quiet">{w.nothing}</p> : null}
        <div class="hits">
          {tried.map(([id, among]) => (
            <Hit
              key={id}
              id={id}
              matches={among.some(({ matches }) => matches)}
              isChosen={among === entries}
              onChoose={() => (chosen.value = id)}
            />
          ))}
        </div>
        {entries.length === 0 ? <p class="meta">{w.choose}</p> : null}
        {entries.map((entry) => (
          <Why key={entry.detailType} tried={entry} isOneOfSeveral={entries.length > 1} />
        ))}
      </div>
    </section>
  );
}

/** Null while the pattern is no JSON. The events come along, to be seen. */
async function tryOut(pattern: unknown, signal: AbortSignal): Promise<Trials | null> {
  if (pattern === null) return null;
  const trial = await gatepost().ask("POST /v1/rules/try", { body: { pattern, last }, signal });
  if (!("events" in trial)) return null;
  await Promise.all(
    trial.events.map(async ({ event: id }) => {
      if (recall(id) !== null) return;
      const event = await gatepost()
        .ask("GET /v1/events/{id}", { path: { id }, signal })
        .catch(() => null);
      if (event !== null) remember(event);
    }),
  );
  return trial;
}

interface HitProps {
  /** Of the event. */
  id: string;
  matches: boolean;
  isChosen: boolean;
  onChoose(): void;
}

function Hit({ id, matches, isChosen, onChoose }: HitProps) {
  const { rules: w } = words.value;
  const event = recall(id);
  const look = [matches && "yes", isChosen && "sel"].filter(Boolean).join(" ");
  const label = `${event === null ? id : nameOf(event)}: ${matches ? w.matches : w.matchesNot}`;
  return (
    <button type="button" class={look} aria-label={label} aria-pressed={isChosen} onClick={onChoose}>
      {event === null ? <span class="pic waits" /> : <Portrait of={event} width={40} height={40} />}
    </button>
  );
}

function Why({ tried, isOneOfSeveral }: { tried: Trial; isOneOfSeveral: boolean }) {
  const { rules: w } = words.value;
  const event = recall(tried.event);
  const what = event === null ? tried.event : `${nameOf(event)}, ${clockTime(event.time)}`;
  return (
    <div class="gap" role="status">
      <h3>
        <bdi>{w.whyTitle(isOneOfSeveral ? `${what}, ${tried.detailType}` : what)}</bdi>
      </h3>
      <Conditions why={tried.why} />
    </div>
  );
}
