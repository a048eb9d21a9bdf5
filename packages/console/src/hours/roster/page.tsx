import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { FacetRow, PlainFacet } from "../../parts/facet.tsx";
import { Head } from "../../parts/head.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Blank, Loaded } from "../../parts/loaded.tsx";
import { GroupFacet } from "../../parts/pages/group-facet.tsx";
import { Nudge } from "../../parts/pages/nudge.tsx";
import { Item, Opener } from "../../parts/popover.tsx";
import { usePaperSite } from "../../parts/printing.ts";
import { saveCsv } from "../../parts/save-file.ts";
import { addressOf } from "../../state/address.ts";
import { serverTime } from "../../state/clock.ts";
import { dayOf, daysOf, monthInWords, type Stretch, shifted, stepped, stretchOf } from "../../state/days.ts";
import { attempt, failureText } from "../../state/failure.ts";
import { cellKey, readSheet, type Sheet } from "../../state/hours/sheet.ts";
import { zonedDay } from "../../state/hours/zoned.ts";
import { useLoading, useOnce } from "../../state/loading.ts";
import { say } from "../../state/notice.ts";
import { isManager } from "../../state/role.ts";
import { addressLeft, query, setQuery } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { listSites, type Site, siteNameOf } from "../../state/sites.ts";
import { turn } from "../../state/turning.ts";
import { leaveFor, noteUnsaved } from "../../state/unsaved.ts";
import { hoursWords } from "../../words/hours.ts";
import { words } from "../../words/index.ts";
import { rosterWords } from "../../words/roster.ts";
import { changesIn, fileOf, linesOf, linesUnder, placedIn, textsIn } from "./file.ts";
import { type Change, Grid, shownTexts } from "./grid.tsx";
import { librariesOf, type Row, rowsOf, type Shift, shiftsOf, textOf } from "./table.ts";
import type { TitleFault } from "./titles.ts";

type Roster = Api["GET /v1/rosters/{site}/{month}"]["answer"];

/** Days from today on, in which a planned month begins. */
const daysAhead = 366;
/** Days before today whose people are shown in months that have not ended. */
const daysBack = 30;

/** Who works which schedule on which day? */
export function RosterPage() {
  const sites = useLoading("sites", listSites);
  const { value } = sites.state.value;
  const site = value?.find(({ id }) => id === query.value["site"]?.[0]) ?? value?.[0];
  if (value === null || site === undefined) {
    return (
      <>
        <Head title={words.value.pages.roster} />
        <Loaded of={sites}>{() => <Blank icon="hours" title={hoursWords.value.noSite} />}</Loaded>
      </>
    );
  }
  return <OfSite key={site.id} site={site} sites={value} onReload={sites.reload} />;
}

/** The days whose people the roster of a month shows. */
function daysOfPeople({ from, to }: Stretch, today: string): Stretch {
  return to < today ? { from, to } : { from: shifted(today, -daysBack), to: today };
}

function OfSite({ site, sites, onReload }: { site: Site; sites: readonly Site[]; onReload(): void }) {
  const today = zonedDay(serverTime(), site.zone);
  const last = shifted(today, daysAhead);
  const asked = query.value["at"]?.[0];
  const at = asked === undefined ? today : dayOf(asked, last);
  const stretch = stretchOf("month", at);
  const group = query.value["group"]?.[0] ?? null;
  const ofPeople = { site: site.id, ...daysOfPeople(stretch, today), group };
  const path = { site: site.id, month: stretch.from.slice(0, 7) };
  const loading = useLoading(`roster ${JSON.stringify([path, ofPeople])}`, async (signal) => {
    const [{ schedules }, roster, sheet] = await Promise.all([
      gatepost().ask("GET /v1/schedules", { query: { site: site.id }, signal }),
      gatepost().ask("GET /v1/rosters/{site}/{month}", { path, signal }),
      readSheet({ ...ofPeople, only: [] }, signal),
    ]);
    return { shifts: shiftsOf(schedules, stretch), roster, sheet };
  });
  usePaperSite(site.id, monthInWords(stretch.from));
  // Whether boxes share their people may have changed, too.
  const reload = () => {
    onReload();
    loading.reload();
  };
  const goTo = (day: string | null) => leaveFor(() => setQuery({ at: day }));
  const step = (by: 1 | -1) => {
    const next = stepped("month", at, by, last);
    if (next !== null) goTo(next);
  };
  useEffect(() => {
    turn.value = step;
    return () => {
      turn.value = null;
    };
  });
  return (
    <div class="hours-page">
      <header class="head">
        <h1>{words.value.pages.roster}</h1>
        <Nudge
          text={monthInWords(stretch.from)}
          day={at}
          last={last}
          canStep={(by) => stepped("month", at, by, last) !== null}
          onStep={step}
          onChoose={goTo}
        />
        <a class="btn bare" href={addressLeft("hours")}>
          <Icon name="left" />
          {words.value.pages.hours}
        </a>
        <a class="btn bare" href={addressOf("schedules", null, { site: [site.id] })}>
          {words.value.pages.schedules}
        </a>
      </header>
      <FacetRow>
        {sites.length < 2 ? null : (
          <PlainFacet
            label={words.value.filters.site}
            choices={sites.map((one) => [one.id, siteNameOf(one)] as const)}
            chosen={site.id}
            onChoose={(id) => leaveFor(() => setQuery({ site: id, group: null }))}
          />
        )}
        <GroupFacet asked={ofPeople} />
      </FacetRow>
      <Loaded of={loading}>
        {(of) => <Plan key={path.month} site={site} stretch={stretch} of={of} onReload={reload} />}
      </Loaded>
    </div>
  );
}

interface PlanProps {
  site: Site;
  stretch: Stretch;
  of: { shifts: readonly Shift[]; roster: Roster; sheet: Sheet };
  onReload(): void;
}

function Plan({ site, stretch, of: { shifts, roster: loaded, sheet }, onReload }: PlanProps) {
  const w = rosterWords.value;
  const month = stretch.from.slice(0, 7);
  const days = daysOf(stretch);
  const written = useSignal({ after: loaded, roster: loaded });
  const changes = useSignal<ReadonlyMap<string, Change>>(new Map());
  /** The unsaved days before each step, the last one last. */
  const earlier = useSignal<readonly ReadonlyMap<string, Change>[]>([]);
  const { after, roster: known } = written.value;
  const roster = loaded !== after && loaded.rev >= known.rev ? loaded : known;
  const saved = useMemo(() => new Map(roster.days.map((one) => [cellKey(one, one.day), one.schedule])), [roster]);
  const isClosed = sheet.closed !== null && sheet.from === stretch.from;
  const isEditable = isManager.value && !isClosed && !roster.isPart;
  const isOfAll = query.value["group"] === undefined;
  const onRoster = roster.days.map(({ library, id }) => ({ library, id, name: null, group: null }));
  const planned = [...changes.value.values()].map(({ row }) => row);
  const rows = rowsOf(sheet.people, isOfAll ? [...onRoster, ...planned] : planned, site);
  const count = changes.value.size;
  const libraries = librariesOf(site);
  useLayoutEffect(() => {
    const kept = [...changes.value].filter(([, { row }]) => libraries.includes(row.library));
    if (kept.length < changes.value.size) [changes.value, earlier.value] = [new Map(kept), []];
  }, [libraries.join("/")]);
  useLayoutEffect(() => noteUnsaved(count > 0));
  useEffect(() => () => noteUnsaved(false), []);

  const plannedAt = (row: Row, day: string) => {
    const key = cellKey(row, day);
    const change = changes.value.get(key);
    return change === undefined ? saved.get(key) : change.planned;
  };
  const plan = (wanted: readonly Change[]) => {
    const next = new Map(changes.value);
    let changed = 0;
    for (const change of wanted) {
      const key = cellKey(change.row, change.day);
      if (plannedAt(change.row, change.day) !== change.planned) changed += 1;
      if (saved.get(key) === change.planned) next.delete(key);
      else next.set(key, change);
    }
    if (changed > 0) earlier.value = [...earlier.value, changes.value].slice(-maxSteps);
    changes.value = next;
    return changed;
  };
  const undo = () => {
    const before = earlier.value.at(-1);
    if (before === undefined) return say(w.nothingToUndo);
    changes.value = before;
    earlier.value = earlier.value.slice(0, -1);
  };
  const save = useOnce(async () => {
    const sent = [...changes.value];
    const body = { rev: roster.rev, days: sent.map(([, change]) => askedOf(change)) };
    const answer = await attempt(
      () => gatepost().ask("PATCH /v1/rosters/{site}/{month}", { path: { site: site.id, month }, body }),
      (failure) => (/changed meanwhile/.test(failure.detail) ? w.changedMeanwhile : failureText(failure)),
    );
    if (answer === null) {
      onReload();
      return;
    }
    written.value = { after: loaded, roster: { ...roster, rev: answer.rev, days: joined(roster.days, sent) } };
    const isSent = new Map(sent);
    changes.value = new Map([...changes.value].filter(([key, change]) => isSent.get(key) !== change));
    earlier.value = [];
    const { unknown } = answer;
    const ids = shownTexts(unknown.map(({ id }) => id));
    say(unknown.length === 0 ? w.saved(sent.length) : w.savedUnknown(sent.length, unknown.length, ids));
  });
  const drop = () => {
    earlier.value = [...earlier.value, changes.value].slice(-maxSteps);
    changes.value = new Map();
  };
  const facts = { rows, site, days, shifts };
  const saveFile = () => {
    const textAt = (row: Row, day: string) => textOf(plannedAt(row, day), shifts, w.free);
    saveCsv(`roster-${site.id}-${month}.csv`, fileOf(rows, days, textAt));
  };
  const readFile = async (file: File) => {
    if (file.size > maxFileBytes) return say(w.tooLarge);
    const read = textsIn(await file.arrayBuffer()).map((text) => linesOf(text, month));
    const [best] = read
      .flatMap((table) => (typeof table === "string" ? [] : [changesIn(placedIn(table, facts), facts)]))
      .toSorted((a, b) => a.faults.length - b.faults.length);
    const [fault] = read;
    if (best !== undefined) planTable(best);
    else if (typeof fault === "string") say(faultText(fault, stretch));
  };
  const planTable = ({ wanted, strange, doubled, faults, leftOut }: ReturnType<typeof changesIn>) => {
    if (doubled.length > 0) return say(w.contradict(shownTexts(doubled)));
    const changed = plan(wanted);
    const without =
      leftOut.length > 0 ? w.leftOut(leftOut.length, monthInWords(stretch.from), shownTexts(leftOut)) : "";
    const fault = faults.length > 0 ? w.notUnderstood(faults.length, shownTexts(faults)) : null;
    say(without + (strange.length > 0 ? w.notHere(strange.length, shownTexts(strange)) : (fault ?? w.readIn(changed))));
  };
  /** Takes a table with a line of days, and with ids, or for the rows from `top` on; false if the text is none. */
  const pasteTable = (text: string, top: number) => {
    const byId = linesOf(text, month);
    const under = { month, rows: rows.slice(top), shifts };
    const table = byId === "none" ? linesUnder(text, under) : typeof byId === "string" ? byId : placedIn(byId, facts);
    if (typeof table !== "string") planTable(changesIn(table, facts));
    else if (table !== "none") say(faultText(table, stretch));
    return table !== "none";
  };
  return (
    <>
      <div class="line roster-tools">
        <Legend shifts={shifts} isEditable={isEditable} />
        <span class="end line tools">
          <Button icon="print" look="desk" onClick={() => print()}>
            {words.value.print}
          </Button>
          <Files isEditable={isEditable} onSave={saveFile} onRead={readFile} />
          {isEditable ? (
            <>
              {earlier.value.length === 0 ? null : <Button onClick={undo}>{w.undo}</Button>}
              {count === 0 ? null : <Button onClick={drop}>{w.drop}</Button>}
              <Button look="main" disabled={count === 0} onClick={() => void save()}>
                {w.saveDays(count)}
              </Button>
            </>
          ) : null}
        </span>
      </div>
      <Notes isClosed={isClosed} isPart={isManager.value && roster.isPart} hasNoShifts={shifts.length === 0} />
      {rows.length === 0 ? (
        <Blank icon="hours" title={w.nobody} why={w.nobodyWhy} />
      ) : (
        <Grid
          label={w.gridOf(monthInWords(stretch.from))}
          site={site}
          rows={rows}
          days={days}
          shifts={shifts}
          isEditable={isEditable}
          plannedAt={plannedAt}
          isUnsaved={(row, day) => changes.value.has(cellKey(row, day))}
          onPlan={plan}
          onUndo={undo}
          onPasteTable={pasteTable}
        />
      )}
      {sheet.sum.people > sheet.people.length ? (
        <p class="more">{hoursWords.value.moreRows(sheet.sum.people - sheet.people.length)}</p>
      ) : null}
    </>
  );
}

/** A change as it is sent: without a schedule the day leaves the roster. */
function askedOf({ row: { library, id }, day, planned }: Change) {
  const asked = { library, id, day };
  return planned === undefined ? asked : { ...asked, schedule: planned };
}

/** The days of a roster after changes, by the names of their cells. */
function joined(days: Roster["days"], sent: readonly (readonly [string, Change])[]): Roster["days"] {
  const after = new Map(days.map((one) => [cellKey(one, one.day), one]));
  for (const [key, { row, day, planned }] of sent) {
    if (planned === undefined) after.delete(key);
    else after.set(key, { library: row.library, id: row.id, day, schedule: planned });
  }
  return [...after.values()];
}

function faultText(fault: TitleFault, { from }: Stretch): string {
  const { notRead, otherMonth, unclear, twice } = rosterWords.value;
  return { none: notRead, "no-id": notRead, "other-month": otherMonth(monthInWords(from)), unclear, twice }[fault];
}

/** Steps that can be undone. */
const maxSteps = 50;
const maxFileBytes = 4 * 1024 * 1024;

/** Why days cannot be planned. */
function Notes({ isClosed, isPart, hasNoShifts }: { isClosed: boolean; isPart: boolean; hasNoShifts: boolean }) {
  const w = rosterWords.value;
  const notes = [isClosed ? w.closed : null, isPart ? w.partOfSite : null, hasNoShifts ? w.noShifts : null];
  return (
    <>
      {notes.map((note) =>
        note === null ? null : (
          <p key={note} class="note">
            {note}
          </p>
        ),
      )}
    </>
  );
}

/** The codes of the schedules, and the keys that plan them. */
function Legend({ shifts, isEditable }: { shifts: readonly Shift[]; isEditable: boolean }) {
  const w = rosterWords.value;
  const key = (text: string) => (isEditable ? <kbd class="desk">{text}</kbd> : null);
  return (
    <div>
      <ul class="shift-legend">
        {shifts.map(({ id, code, name, start, end }, n) => (
          <li key={id}>
            {n < 9 ? key(String(n + 1)) : null} <b>{code}</b> <bdi>{w.shiftOf(name, start, end)}</bdi>
          </li>
        ))}
        <li>
          {key("0")} <b>–</b> {w.free}
        </li>
      </ul>
      {isEditable ? <p class="meta desk">{w.keys}</p> : null}
    </div>
  );
}

interface FilesProps {
  isEditable: boolean;
  onSave(): void;
  onRead(file: File): Promise<void>;
}

function Files({ isEditable, onSave, onRead }: FilesProps) {
  const w = rosterWords.value;
  const input = useRef<HTMLInputElement>(null);
  const read = async ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    const [file] = currentTarget.files ?? [];
    if (file !== undefined) await onRead(file);
    // The same file may be read again.
    currentTarget.value = "";
  };
  return (
    <>
      <Opener label={w.file} text={w.file} icon="down" look="">
        {(close) => (
          <ul class="choices">
            <Item text={w.save} close={close} onChoose={onSave} />
            {isEditable ? <Item text={w.read} close={close} onChoose={() => input.current?.click()} /> : null}
          </ul>
        )}
      </Opener>
      <input ref={input} type="file" hidden accept=".csv,.txt,text/csv" onChange={(event) => void read(event)} />
    </>
  );
}
