import { FacetRow, PlainFacet } from "../parts/facet.tsx";
import { KindFacet, SiteFacet } from "../parts/facets.tsx";
import { TextFacet } from "../parts/text-facet.tsx";
import { ViewButtons } from "../parts/view-buttons.tsx";
import { parameter, query, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";
import { awayDays, daysAway, hasFilter, kinds, lately, matches } from "./filter.ts";
import { peopleSearch } from "./found.ts";

/** All filters of people, in one row. */
export function PeopleFacets() {
  const w = peopleWords.value;
  const { group } = words.value.event;
  return (
    <FacetRow>
      <SiteFacet />
      <KindFacet parameterName="kind" of={kinds} />
      <TextFacet parameterName="group" label={group} placeholder={w.groupExample} known={groupsSeen()} />
      <SeenFacets />
      <PlainFacet
        label={w.matchBelow}
        choices={matches.map((match) => [String(match), String(match)])}
        chosen={parameter("match")}
        onChoose={(match) => setQuery({ match })}
        onRemove={() => setQuery({ match: null })}
      />
      {hasFilter(query.value) ? <ViewButtons /> : null}
    </FacetRow>
  );
}

/** People who passed lately, or who have not for some days: one parameter of the address, as no one is both. */
function SeenFacets() {
  const { filters: f } = words.value;
  const w = peopleWords.value;
  const seen = parameter("seen");
  const isAway = daysAway(seen ?? undefined) !== null;
  const choose = (value: string) => setQuery({ seen: value });
  const remove = () => setQuery({ seen: null });
  return (
    <>
      <PlainFacet
        label={w.lastSeen}
        choices={lately.map((value) => [value, f[value]])}
        chosen={isAway ? null : seen}
        onChoose={choose}
        onRemove={remove}
      />
      <PlainFacet
        label={w.away}
        choices={awayDays.map((days) => [`away-${days}`, w.days(days)])}
        chosen={isAway ? seen : null}
        onChoose={choose}
        onRemove={remove}
      />
    </>
  );
}

/** The groups of the people who are shown. */
function groupsSeen() {
  const groups = new Set(peopleSearch.found.value.items.flatMap(({ group }) => group ?? []));
  return [...groups].sort().map((id) => ({ id, name: null }));
}
