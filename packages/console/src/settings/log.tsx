import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { boxNameOf } from "../format/event.ts";
import { day, exactTime, near } from "../format/time.ts";
import { Button, NothingToExport } from "../parts/button.tsx";
import { ChoiceFacet, FacetRow } from "../parts/facet.tsx";
import { SiteFacet } from "../parts/facets.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { State, type Tone } from "../parts/mark.tsx";
import { saveCsv } from "../parts/save-file.ts";
import { TimeFacet } from "../parts/time-facet.tsx";
import { now, serverTime } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { instantOf } from "../state/filter.ts";
import { readPages, useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { listAllSites, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { auditCsv } from "./audit-csv.ts";
import { actorWords, actWords, type Entry, type Names, storedFacts } from "./audit-words.ts";
import { Avatar } from "./avatar.tsx";

type Asked = Api["GET /v1/audit"]["query"];
type Outcome = Entry["outcome"];

const each = 100;
/** Requests of a filter that few entries match, before the user is asked. */
const maxPages = 20;
/** An act is noted before and after: without a chosen outcome, its beginning is left out. */
const ended: readonly Outcome[] = ["done", "refused", "failed"];

interface Listed {
  entries: readonly Entry[];
  isWhole: boolean;
  /** The people by the ids of their accounts, and the notes of keys: who an entry can be by. */
  actors: ReadonlyMap<string, string>;
  names: Names;
}

/** Who did what: each entry of the audit log as a sentence, with filters, and a check of its chain. */
export function Log() {
  const { log: w, sections } = settingsWords.value;
  const pages = useSignal(1);
  const asked = askedOf(query.value, serverTime());
  const loading = useLoading<Listed>(`audit ${JSON.stringify(query.value)}`, (signal) =>
    listEntries(asked, each * pages.value, signal),
  );
  const actors = loading.state.value.value?.actors ?? new Map<string, string>();
  const more = () => {
    pages.value++;
    loading.reload();
  };
  return (
    <>
      <div class="line">
        <h2>{sections.log}</h2>
        <Verify />
        <span class="end">
          {loading.state.value.value?.entries.length === 0 ? (
            <NothingToExport look="small" />
          ) : (
            <Button icon="download" look="small" onClick={() => void exportEntries(asked)}>
              {words.value.events.export}
            </Button>
          )}
        </span>
      </div>
      <FacetRow>
        <TimeFacet />
        <ChoiceFacet
          parameterName="by"
          label={w.who}
          values={[...actors.keys()]}
          choices={Object.fromEntries(actors)}
        />
        <ChoiceFacet parameterName="action" label={w.what} values={Object.keys(w.actions)} choices={w.actions} />
        <SiteFacet />
        <ChoiceFacet parameterName="outcome" label={w.outcome} values={Object.keys(w.outcomes)} choices={w.outcomes} />
      </FacetRow>
      <Loaded of={loading} as="rows">
        {({ entries, isWhole, names }) =>
          entries.length === 0 ? (
            <Blank icon="list" title={w.none} />
          ) : (
            <>
              <Entries of={entries} names={names} />
              {isWhole ? null : (
                <p class="more">
                  <Button onClick={more}>{words.value.showMore}</Button>
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </>
  );
}

/** The filter of the address, as the API takes it. */
function askedOf(query: Readonly<Record<string, readonly string[]>>, now: number): Asked {
  const [from, to] = [instantOf(query["from"]?.[0], now), instantOf(query["to"]?.[0], now)];
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(query["by"]?.[0] === undefined ? {} : { by: query["by"][0] }),
    ...(query["site"]?.[0] === undefined ? {} : { site: query["site"][0] }),
    ...(query["action"] === undefined ? {} : { action: query["action"] as Entry["action"][] }),
    outcome: (query["outcome"] as Outcome[] | undefined) ?? ended,
  };
}

async function listEntries(asked: Asked, count: number, signal: AbortSignal): Promise<Listed> {
  const [{ items, isWhole }, accounts, places] = await Promise.all([
    readEntries(asked, count, signal),
    namesOf(signal),
    placeNames(signal),
  ]);
  const actors = new Map(accounts);
  for (const { by } of items) {
    if ("account" in by) actors.set(by.account, by.name ?? by.account);
    else actors.set(by.key, actorWords(by));
  }
  const { sites, gates } = places;
  return { entries: items, isWhole, actors, names: { sites, others: new Map([...gates, ...actors]) } };
}

function readEntries(asked: Asked, count: number, signal?: AbortSignal) {
  return readPages<Entry>(
    (items, pages) => items.length >= count || pages >= maxPages * Math.ceil(count / each),
    async (from) => {
      const query = { ...asked, limit: each, ...from };
      const { entries, next } = await gatepost().ask("GET /v1/audit", { query, ...(signal && { signal }) });
      return { items: entries, next };
    },
  );
}

/** The people who sign in now. Who was removed is named by the entries themselves. */
async function namesOf(signal: AbortSignal): Promise<Map<string, string>> {
  const { accounts } = await gatepost().ask("GET /v1/accounts", { query: { limit: 200 }, signal });
  return new Map(accounts.map(({ id, name, email }) => [id, name ?? email ?? id]));
}

/** The names of sites, boxes and devices. */
async function placeNames(signal: AbortSignal) {
  const [{ boxes, devices }, sites] = await Promise.all([
    gatepost().ask("GET /v1/find", { query: { limit: 1000 }, signal }),
    listAllSites(signal),
  ]);
  return {
    sites: new Map(sites.map((site) => [site.id, siteNameOf(site)])),
    gates: new Map([
      ...boxes.map((box) => [box.id, boxNameOf(box)] as const),
      ...devices.map(({ key, id, name }) => [key, name ?? id] as const),
    ]),
  };
}

const tones: Record<Outcome, Tone> = { asked: "wait", done: "ok", refused: "bad", failed: "bad" };

function Entries({ of: entries, names }: { of: readonly Entry[]; names: Names }) {
  const { log: w, sections } = settingsWords.value;
  return (
    <table class="rows plain" aria-label={sections.log}>
      <thead>
        <tr>
          {[words.value.columns.time, w.whoAndWhat, w.outcome].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class="t nowrap">
              <time dateTime={entry.at} title={`${day(entry.at)} ${exactTime(entry.at)}`}>
                {near(entry.at, now.value)}
              </time>
            </td>
            <td class="who">
              <span class="person-cell" title={storedFacts(entry)}>
                <Avatar name={actorWords(entry.by)} isPerson={"account" in entry.by} />
                <span>
                  <b>
                    <bdi>{actorWords(entry.by)}</bdi>
                  </b>{" "}
                  <bdi>{actWords(entry, names)}</bdi>
                  {entry.outcome === "done" ? null : <span class="phone meta"> {w.outcomes[entry.outcome]}</span>}
                </span>
              </span>
            </td>
            <td class="opt">
              <State tone={tones[entry.outcome]}>{w.outcomes[entry.outcome]}</State>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Finding {
  isWhole: boolean;
  entries: number;
  brokenAt: number | null;
  next: string | null;
}

/** Follows the chain of the log from its end, as many requests as that takes. */
function Verify() {
  const { log: w } = settingsWords.value;
  const finding = useSignal<Finding | null>(null);
  const isBusy = useSignal(false);
  const verify = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    finding.value = null;
    await attempt(async () => {
      let after: string | null = null;
      do {
        const body: { after?: string } = after === null ? {} : { after };
        const found: Finding = await gatepost().ask("POST /v1/audit/verify", { body });
        finding.value = found;
        after = found.next;
      } while (after !== null);
    });
    isBusy.value = false;
  };
  return (
    <>
      <span class="meta" role="status">
        {finding.value === null ? w.keptFor : <Found of={finding.value} />}
      </span>
      <Button icon="check" look="small" aria-disabled={isBusy.value} onClick={() => void verify()}>
        {w.verify}
      </Button>
    </>
  );
}

function Found({ of: { isWhole, entries, brokenAt, next } }: { of: Finding }) {
  const { log: w } = settingsWords.value;
  if (!isWhole) return <State tone="bad">{w.broken(brokenAt ?? 0)}</State>;
  return next === null ? <State tone="ok">{w.whole(entries)}</State> : w.verifying(entries);
}

const maxExported = 10_000;

/** Saves the entries of the filter, one a line, as the API has them. */
async function exportEntries(asked: Asked): Promise<void> {
  await attempt(async () => {
    const { items, isWhole } = await readEntries(asked, maxExported);
    saveCsv("gatepost-log.csv", auditCsv(items));
    if (!isWhole) say(settingsWords.value.log.cut(items.length));
  });
}
