import { Facet, FacetRow, PlainFacet } from "../parts/facet.tsx";
import { Check } from "../parts/field.tsx";
import { GroupFacet } from "../parts/pages/group-facet.tsx";
import { Nudge } from "../parts/pages/nudge.tsx";
import { ViewButtons } from "../parts/view-buttons.tsx";
import { stepped } from "../state/days.ts";
import { onlyNames } from "../state/hours/sheet.ts";
import { query, setQuery } from "../state/route.ts";
import { type Site, siteNameOf } from "../state/sites.ts";
import { hoursWords } from "../words/hours.ts";
import { words } from "../words/index.ts";
import { periodInWords, type Shown } from "./shown.ts";

/** Shows the period before or after, if there may be one. */
export function step({ period, at, today }: Shown, by: 1 | -1): void {
  const next = stepped(period, at, by, today);
  if (next === null) return;
  setQuery({ at: stepped(period, next, 1, today) === null ? null : next });
}

/** The period, with the ways to others. */
export function Days({ shown }: { shown: Shown }) {
  const { period, at, today } = shown;
  return (
    <Nudge
      text={periodInWords(shown)}
      day={at}
      last={today}
      canStep={(by) => stepped(period, at, by, today) !== null}
      onStep={(by) => step(shown, by)}
      onChoose={(day) => setQuery({ at: day })}
    />
  );
}

/** The site, the group and the days by which people are chosen. */
export function Filters({ shown, sites }: { shown: Shown; sites: readonly Site[] }) {
  const isFiltered = ["site", "group", "only"].some((name) => query.value[name] !== undefined);
  return (
    <FacetRow>
      {sites.length < 2 ? null : <SiteChoice shown={shown} sites={sites} />}
      <GroupFacet asked={shown.asked} />
      <OnlyFacet chosen={shown.asked.only} />
      {isFiltered ? <ViewButtons /> : null}
    </FacetRow>
  );
}

/** One site is always shown: without one in the address, the first. */
function SiteChoice({ shown: { site }, sites }: { shown: Shown; sites: readonly Site[] }) {
  return (
    <PlainFacet
      label={words.value.filters.site}
      choices={sites.map((one) => [one.id, siteNameOf(one)] as const)}
      chosen={site.id}
      onChoose={(id) => setQuery({ site: id, group: null })}
    />
  );
}

function OnlyFacet({ chosen }: { chosen: Shown["asked"]["only"] }) {
  const w = hoursWords.value;
  const separator = words.value.code === "zh-CN" ? "、" : ", ";
  return (
    <Facet
      name={w.only}
      value={chosen.length === 0 ? null : <bdi>{chosen.map((name) => w.onlyOf[name]).join(separator)}</bdi>}
      onRemove={() => setQuery({ only: null })}
    >
      {() =>
        onlyNames.map((name) => (
          <Check
            key={name}
            label={w.onlyOf[name]}
            isOn={chosen.includes(name)}
            onChange={() =>
              setQuery({ only: chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name] })
            }
          />
        ))
      }
    </Facet>
  );
}
