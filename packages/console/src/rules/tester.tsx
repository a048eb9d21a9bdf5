import { useSignal } from "@preact/signals";
import { nameOf } from "../format/event.ts";
import { clockTime, shortDay } from "../format/time.ts";
import type { Trial } from "../parts/conditions.tsx";
import { Portrait } from "../parts/faces.tsx";
import { State } from "../parts/mark.tsx";
import { Said } from "../parts/text.tsx";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { recall } from "../state/known-events.ts";
import type { Loading } from "../state/loading.ts";
import { words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";
import type { Card, Places } from "./card.ts";
import { CardWhy } from "./card-why.tsx";
import type { Matching } from "./draft.ts";
import { countedDays, last, type Trials, useRuleTrial } from "./trial.ts";

interface Props {
  trials: Loading<Trials | null>;
  matching: Matching | null;
  card: Card;
  places: Places;
}

/** The rule, tried on the latest announcements: matching ones light up, and each can explain itself. */
export function Tester({ trials, matching, card, places }: Props) {
  const { rules: w } = words.value;
  const chosen = useSignal<string | null>(null);
  const { value, failure } = trials.state.value;
  // An event with several actions has an entry of each.
  const tried = [...Map.groupBy(value?.events ?? [], ({ event }) => event)];
  const [, entries = []] = tried.find(([event]) => event === chosen.value) ?? [];
  const explained = card.kind === "own" ? entries : bestOf(entries);
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
        {value?.warning === undefined ? null : (
          <p class="note warn" role="alert">
            <bdi>{ruleWords.value.neverMatches(inLanguageOrAsIs(value.warning))}</bdi>
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
        {entries.length === 0 && tried.length > 0 ? <p class="meta">{w.choose}</p> : null}
        {explained.map((entry) => (
          <Why key={entry.detailType} tried={entry} isOneOfSeveral={explained.length > 1} card={card} places={places} />
        ))}
        <Told matching={matching} />
      </div>
    </section>
  );
}

/** The entry of an event that matches, else the nearest one. */
function bestOf(entries: readonly Trial[]): readonly Trial[] {
  const missed = ({ why }: Trial) => why.filter(({ holds }) => !holds).length;
  const best =
    entries.find(({ matches }) => matches) ?? entries.toSorted((one, other) => missed(one) - missed(other))[0];
  return best === undefined ? [] : [best];
}

/** How often the rule would have told in the last days. */
function Told({ matching }: { matching: Matching | null }) {
  const w = ruleWords.value;
  const trial = useRuleTrial(matching);
  if (trial === null) return null;
  if (trial.matched === null) return <p class="meta">{w.untried}</p>;
  return (
    <p class="meta">
      {trial.isWhole ? w.told(countedDays, trial.matched) : w.toldSince(shortDay(trial.since), trial.matched)}
    </p>
  );
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
      <Face of={event} />
    </button>
  );
}

/** Without words: the button is called by its label. */
function Face({ of }: { of: ReturnType<typeof recall> }) {
  if (of === null) return <span class="pic waits" />;
  const isMissing = of.pictures.face === undefined && of.pictures.scene === undefined;
  return isMissing ? <span class="pic missing" /> : <Portrait of={of} width={40} height={40} />;
}

interface WhyProps extends Pick<Props, "card" | "places"> {
  tried: Trial;
  isOneOfSeveral: boolean;
}

function Why({ tried, isOneOfSeveral, card, places }: WhyProps) {
  const w = ruleWords.value;
  const event = recall(tried.event);
  const what = event === null ? tried.event : `${nameOf(event)}, ${clockTime(event.time)}`;
  const named = isOneOfSeveral ? `${what}, ${tried.detailType}` : what;
  return (
    <div class="gap" role="status">
      <h3>
        <bdi>{tried.matches ? w.why(named) : w.whyNot(named)}</bdi>
      </h3>
      <CardWhy card={card} places={places} trial={tried} event={event} />
    </div>
  );
}
