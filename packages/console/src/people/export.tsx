import { FileExport } from "../parts/pages/file-export.tsx";
import { serverTime } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { query } from "../state/route.ts";
import { isNothing } from "../state/search.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { peopleWords } from "../words/people.ts";
import { listKey, peopleFilterOf } from "./filter.ts";
import { peopleSearch } from "./found.ts";

const formats = ["xlsx", "csv"] as const;

/** Exports the people of the list. A table is of one site, whose clocks it shows. */
export function PeopleExport() {
  const w = peopleWords.value;
  const { state } = useLoading("sites of an export", listSites);
  const [chosen] = query.value["site"] ?? [];
  const sites = (state.value.value ?? []).filter(({ id }) => chosen === undefined || id === chosen);
  const { order: _, kind, ...asked } = peopleFilterOf(query.value, serverTime());
  const kinds = kind === undefined ? {} : { kind: [kind].flat() };
  const choices = sites.flatMap((site) =>
    formats.map((format) => ({
      text: (
        <bdi>
          {sites.length === 1 ? "" : `${siteNameOf(site)} · `}
          {w.formats[format]}
        </bdi>
      ),
      wish: { kind: "export", what: "people", format, filter: { ...asked, ...kinds, site: site.id } } as const,
    })),
  );
  const list = listKey(query.value);
  const isEmpty = isNothing(peopleSearch.found.value);
  return <FileExport name="people export" list={list} label={w.export} isEmpty={isEmpty} choices={choices} />;
}
