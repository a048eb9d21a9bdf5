import { useId } from "preact/hooks";
import { BoxFacet, SiteFacet } from "../events/facets.tsx";
import { TextFacet } from "../events/text-facet.tsx";
import { isoDay, shortTime } from "../format/time.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Opener } from "../parts/popover.tsx";
import { parameter, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { type Period, periods, stepped } from "./periods.ts";
import { comparisonOf, isGoingOn, periodInWords, type Shown } from "./shown.ts";
import { statisticsWords } from "./words.ts";

/** Shows the period before or after, if there may be one. */
export function step({ period, at, now }: Shown, by: 1 | -1): void {
  const next = stepped(period, at, by, now);
  if (next !== null) setQuery({ at: stepped(period, at, 1, now) === null && by === 1 ? null : next });
}

/** The period, with the ways to others. */
export function Days({ shown }: { shown: Shown }) {
  const w = statisticsWords.value;
  const { period, at, now } = shown;
  const button = (icon: "left" | "next", by: 1 | -1, label: string) => (
    <IconButton
      icon={icon}
      label={label}
      disabled={stepped(period, at, by, now) === null}
      onClick={() => step(shown, by)}
    />
  );
  return (
    <span class="nudge">
      {button("left", -1, w.before)}
      <span class="when">
        <Opener label={`${w.choose}: ${periodInWords(shown)}`} text={periodInWords(shown)} icon="down">
          {(close) => <Choice shown={shown} onDone={close} />}
        </Opener>
        {isGoingOn(shown) ? <span class="meta">{w.until(shortTime(now))}</span> : null}
      </span>
      {button("next", 1, w.after)}
    </span>
  );
}

function Choice({ shown, onDone }: { shown: Shown; onDone(): void }) {
  const w = statisticsWords.value;
  const id = useId();
  const choose = (at: string | null) => {
    setQuery({ at });
    onDone();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const at = String(new FormData(event.currentTarget as HTMLFormElement).get("at") ?? "");
    choose(at === "" ? null : at);
  };
  return (
    <>
      <ul class="choices">
        <li>
          <button type="button" class="btn bare" onClick={() => choose(null)}>
            {w.today}
          </button>
        </li>
      </ul>
      <form class="form" onSubmit={submit}>
        <label for={id}>{w.dayField}</label>
        <input
          class="field"
          id={id}
          name="at"
          type="date"
          min="2000-01-01"
          max={isoDay(shown.now)}
          defaultValue={isoDay(shown.at)}
        />
        <Button look="main" type="submit">
          {w.show}
        </Button>
      </form>
    </>
  );
}

export function Periods({ chosen }: { chosen: Period }) {
  const w = statisticsWords.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are three buttons.
    <span class="seg" role="group" aria-label={w.period}>
      {periods.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === chosen}
          onClick={() =>
            setQuery({
              by: name === "day" ? null : name,
              ...(parameter("compare") === null ? {} : { compare: comparisonOf(name) }),
            })
          }
        >
          {w[name]}
        </button>
      ))}
    </span>
  );
}

/** The past beside it, and which gates are counted. */
export function Filters({ shown: { period, compare } }: { shown: Shown }) {
  const w = statisticsWords.value;
  const { filters } = words.value;
  return (
    <>
      <label class="check">
        <input
          class="switch"
          type="checkbox"
          role="switch"
          aria-checked={compare !== null}
          checked={compare !== null}
          onChange={({ currentTarget: { checked } }) => setQuery({ compare: checked ? comparisonOf(period) : null })}
        />
        <span>{w.compare[comparisonOf(period)]}</span>
      </label>
      <SiteFacet />
      <BoxFacet />
      {parameter("device") === null ? null : (
        <TextFacet parameterName="device" label={filters.device} placeholder={filters.placeholders.device} known={[]} />
      )}
    </>
  );
}
