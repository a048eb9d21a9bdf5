import { Icon } from "../../parts/icon.tsx";
import { Blank, Loaded } from "../../parts/loaded.tsx";
import { usePaperSite } from "../../parts/printing.ts";
import { addressOf } from "../../state/address.ts";
import { serverTime } from "../../state/clock.ts";
import { dayInWords } from "../../state/days.ts";
import { readSheet, sheetKey } from "../../state/hours/sheet.ts";
import { zonedDay } from "../../state/hours/zoned.ts";
import { useLoading } from "../../state/loading.ts";
import { isManager } from "../../state/role.ts";
import { address, addressLeft, goInstead, query } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { listSites, type Site, siteNameOf } from "../../state/sites.ts";
import { hoursWords } from "../../words/hours.ts";
import { words } from "../../words/index.ts";
import { scheduleWords } from "../../words/schedules.ts";
import type { Schedule } from "./draft.ts";
import { Editor } from "./editor.tsx";
import { Mail } from "./mail.tsx";
import { daysInWords } from "./week.ts";

/** When does whose work begin and end? */
export function SchedulesPage() {
  const sites = useLoading("sites", listSites);
  const { value } = sites.state.value;
  const site = value?.find(({ id }) => id === query.value["site"]?.[0]) ?? value?.[0];
  return (
    <>
      <header class="head">
        <h1>{words.value.pages.schedules}</h1>
        <a class="btn bare" href={addressLeft("hours")}>
          <Icon name="left" />
          {words.value.pages.hours}
        </a>
        {isManager.value && site !== undefined ? (
          <span class="end">
            <a class="btn main" href={hrefOf("new", site.id)}>
              <Icon name="plus" />
              {scheduleWords.value.new}
            </a>
          </span>
        ) : null}
      </header>
      <Loaded of={sites}>
        {(all) =>
          site === undefined ? (
            <Blank icon="hours" title={hoursWords.value.noSite} />
          ) : (
            <OfSite site={site} sites={all} />
          )
        }
      </Loaded>
    </>
  );
}

const hrefOf = (id: string, site: string) => addressOf("schedules", id, { site: [site] });

function OfSite({ site, sites }: { site: Site; sites: readonly Site[] }) {
  usePaperSite(site.id);
  const loading = useLoading(`schedules ${site.id}`, (signal) =>
    gatepost().ask("GET /v1/schedules", { query: { site: site.id }, signal }),
  );
  return (
    <Loaded of={loading}>
      {({ schedules }) => <All site={site} sites={sites} schedules={schedules} onChanged={loading.reload} />}
    </Loaded>
  );
}

interface AllProps {
  site: Site;
  sites: readonly Site[];
  /** All versions. */
  schedules: readonly Schedule[];
  onChanged(): void;
}

/** The version that is valid on a day; before the first one, the first. */
function validOn(versions: readonly Schedule[], day: string): Schedule | undefined {
  const inOrder = versions.toSorted((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  return inOrder.findLast(({ validFrom }) => validFrom <= day) ?? inOrder[0];
}

function All({ site, sites, schedules, onChanged }: AllProps) {
  const w = scheduleWords.value;
  const today = zonedDay(serverTime(), site.zone);
  const byId = [...Map.groupBy(schedules, ({ id }) => id).entries()].flatMap(([id, versions]) => {
    const valid = validOn(versions, today);
    return valid === undefined ? [] : [{ id, valid, versions }];
  });
  const asked = address.value.id;
  const chosen = byId.find(({ id }) => id === asked) ?? (asked === "new" ? undefined : byId[0]);
  const isNew = chosen === undefined && isManager.value;
  return (
    <>
      {sites.length < 2 ? null : (
        <nav class="facets sideways" aria-label={words.value.filters.site}>
          {sites.map((one) => (
            <a
              key={one.id}
              class={one.id === site.id ? "btn small main" : "btn small"}
              href={addressOf("schedules", null, { site: [one.id] })}
              aria-current={one.id === site.id ? "page" : undefined}
            >
              <bdi>{siteNameOf(one)}</bdi>
            </a>
          ))}
        </nav>
      )}
      {byId.length === 0 && !isNew ? (
        <Blank icon="hours" title={w.noneTitle} why={w.noneWhy} />
      ) : (
        <div class="split keep-list schedules">
          <List site={site} today={today} of={byId.map(({ valid }) => valid)} chosen={chosen?.id ?? null} />
          {chosen === undefined && !isNew ? null : (
            <Editor
              key={`${site.id} ${chosen?.id ?? "new"} ${JSON.stringify(chosen?.versions ?? [])}`}
              site={site}
              today={today}
              of={chosen?.valid ?? null}
              versions={chosen?.versions ?? []}
              onChanged={(id) => {
                if (id !== chosen?.id) goInstead("schedules", id, { site: [site.id] });
                onChanged();
              }}
            />
          )}
        </div>
      )}
      {isManager.value ? <Mail key={site.id} site={site} /> : null}
    </>
  );
}

interface ListProps {
  site: Site;
  today: string;
  of: readonly Schedule[];
  chosen: string | null;
}

/** The schedules by name, with the number of their people. */
function List({ site, today, of, chosen }: ListProps) {
  const w = scheduleWords.value;
  const { state } = useLoading(`people of schedules ${site.id} ${today} ${JSON.stringify(of)}`, (signal) =>
    readSheet({ site: site.id, from: today, to: today, group: null, only: [] }, signal),
  );
  const sheet = state.value.value;
  const isWhole = sheet !== null && sheet.sum.people <= sheet.people.length;
  const count = (id: string) =>
    isWhole ? new Set(sheet.people.filter(({ schedule }) => schedule === id).map(sheetKey)).size : null;
  return (
    <nav class="panel" aria-label={words.value.pages.schedules}>
      <ul class="groups">
        {of.map((schedule) => {
          const people = count(schedule.id);
          const times = `${daysInWords(schedule.weekdays)} ${schedule.start}–${schedule.end}`;
          return (
            <li key={schedule.id}>
              <a href={hrefOf(schedule.id, site.id)} aria-current={schedule.id === chosen ? "true" : undefined}>
                <b>
                  <bdi>{schedule.name}</bdi>
                </b>
                <span class="meta">
                  {people === null ? times : `${times} · ${w.people(people)}`}
                  {schedule.validFrom > today ? ` · ${w.from(dayInWords(schedule.validFrom))}` : ""}
                </span>
              </a>
            </li>
          );
        })}
        <li class="body">
          <b>{w.without}</b>
          <span class="meta">{w.withoutWhy}</span>
        </li>
      </ul>
    </nav>
  );
}
