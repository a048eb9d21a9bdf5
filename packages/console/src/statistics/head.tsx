import { isoDay, shortTime } from "../format/time.ts";
import { BoxFacet, SiteFacet } from "../parts/facets.tsx";
import { Switch } from "../parts/field.tsx";
import { Nudge, PeriodChoice } from "../parts/pages/nudge.tsx";
import { TextFacet } from "../parts/text-facet.tsx";
import type { Period } from "../state/days.ts";
import { parameter, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { statisticsWords } from "../words/statistics.ts";
import { stepped } from "./periods.ts";
import { comparisonOf, isGoingOn, periodInWords, type Shown } from "./shown.ts";

/** Shows the period before or after, if there may be one. */
export function step({ period, at, now }: Shown, by: 1 | -1): void {
  const next = stepped(period, at, by, now);
  if (next !== null) setQuery({ at: stepped(period, at, 1, now) === null && by === 1 ? null : next });
}

/** The period, with the ways to others. */
export function Days({ shown }: { shown: Shown }) {
  const w = statisticsWords.value;
  const { period, at, now } = shown;
  return (
    <Nudge
      text={periodInWords(shown)}
      day={isoDay(at)}
      last={isoDay(now)}
      canStep={(by) => stepped(period, at, by, now) !== null}
      onStep={(by) => step(shown, by)}
      onChoose={(day) => setQuery({ at: day })}
    >
      {isGoingOn(shown) ? <span class="meta">{w.until(shortTime(now))}</span> : null}
    </Nudge>
  );
}

export function Periods({ chosen }: { chosen: Period }) {
  const choose = (name: Period) =>
    setQuery({
      by: name === "day" ? null : name,
      ...(parameter("compare") === null ? {} : { compare: comparisonOf(name) }),
    });
  return <PeriodChoice chosen={chosen} onChoose={choose} />;
}

/** The past beside it, and which gates are counted. */
export function Filters({ shown: { period, compare } }: { shown: Shown }) {
  const w = statisticsWords.value;
  const { filters } = words.value;
  return (
    <>
      <label class="check">
        <Switch
          isOn={compare !== null}
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
