import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { minuteMs } from "../format/durations.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Head } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { Blank, Failed, Loaded, Outdated, Skeleton } from "../parts/loaded.tsx";
import { FileExport } from "../parts/pages/file-export.tsx";
import { PeriodChoice } from "../parts/pages/nudge.tsx";
import { AlikeQuestion } from "../parts/people/alike-question.tsx";
import { usePaperSite } from "../parts/printing.ts";
import { isPhone } from "../parts/virtual-rows.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { longDay, monthInWords } from "../state/days.ts";
import { cellKey, type Person, type Sheet, type SheetQuery, sheetKey, useSheet } from "../state/hours/sheet.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { useGates } from "../state/people/gates.ts";
import { isManager } from "../state/role.ts";
import { query, setQuery } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { listSites, type Site } from "../state/sites.ts";
import { turn } from "../state/turning.ts";
import { hoursWords } from "../words/hours.ts";
import { words } from "../words/index.ts";
import { Grid } from "./grid.tsx";
import { Days, Filters, step } from "./head.tsx";
import { closedText, correctionText } from "./popover.tsx";
import { periodInWords, type Shown, shownIn } from "./shown.ts";

/** Who worked when, and how do you know? */
export function HoursPage() {
  const sites = useLoading("sites", listSites);
  const { value } = sites.state.value;
  const site = value?.find(({ id }) => id === query.value["site"]?.[0]) ?? value?.[0];
  if (value === null || site === undefined) {
    return (
      <>
        <Head title={words.value.pages.hours} />
        <Loaded of={sites}>{() => <Blank icon="hours" title={hoursWords.value.noSite} />}</Loaded>
      </>
    );
  }
  return <OfSite site={site} sites={value} />;
}

function OfSite({ site, sites }: { site: Site; sites: readonly Site[] }) {
  const minute = useComputed(() => Math.floor(now.value / minuteMs) * minuteMs).value;
  const shown = shownIn(query.value, { site, now: minute, usual: isPhone() ? "day" : "week" });
  const held = useSheet(shown.asked);
  const isOnlyChanged = useSignal(false);
  usePaperSite(site.id, periodInWords(shown));
  useGates();
  useEffect(() => {
    turn.value = (by) => step(shown, by);
    return () => {
      turn.value = null;
    };
  });
  const { failure, retryAt } = held.loading.state.value;
  return (
    <div class="hours-page">
      <header class="head">
        <h1>{words.value.pages.hours}</h1>
        <Days shown={shown} />
        <PeriodChoice chosen={shown.period} onChoose={(by) => setQuery({ by })} />
        <span class="end line tools">
          {held.sheet === null ? null : <CloseMonth shown={shown} sheet={held.sheet} onChanged={held.reload} />}
          <a class="btn" href={addressOf("schedules", null, { site: [site.id] })}>
            <Icon name="hours" />
            {words.value.pages.schedules}
          </a>
          <a class="btn" href={addressOf("roster", null, { site: [site.id], at: [shown.stretch.from] })}>
            {words.value.pages.roster}
          </a>
          <Button icon="print" look="desk" onClick={() => print()}>
            {words.value.print}
          </Button>
          <Export asked={shown.asked} isEmpty={held.sheet?.people.length === 0} />
        </span>
      </header>
      <Filters shown={shown} sites={sites} />
      {held.sheet === null && failure !== null ? (
        <Failed failure={failure} retryAt={retryAt} onRetry={held.reload} />
      ) : null}
      {held.sheet === null && failure === null ? <Skeleton as="rows" /> : null}
      <Outdated of={held.loading.state.value} />
      {held.sheet === null ? null : (
        <>
          <p class="meta hours-line" role="status">
            <span>{sumText(held.sheet)}</span>
            {held.changed === 0 ? null : (
              <>
                <b>{hoursWords.value.changed(held.changed)}</b>
                <Button look="small" data-key="." onClick={held.renew}>
                  {hoursWords.value.showChanged}
                </Button>
              </>
            )}
          </p>
          <Closed
            sheet={held.sheet}
            isOnlyChanged={isOnlyChanged.value}
            onToggle={() => (isOnlyChanged.value = !isOnlyChanged.value)}
          />
          {held.sheet.isPart ? <p class="note">{hoursWords.value.partOfSite}</p> : null}
          <Content shown={shown} sheet={held.sheet} isOnlyChanged={isOnlyChanged.value} onChanged={held.reload} />
        </>
      )}
      <AlikeQuestion site={site.id} onAnswered={held.reload} />
    </div>
  );
}

/** `47 people · 1,812 h · 9 late · …` */
function sumText({ sum }: Sheet): string {
  const { sum: w } = hoursWords.value;
  const hours = Math.floor(sum.minutes / 60);
  const counts = [
    ...(["late", "absent", "open", "corrected"] as const).flatMap((name) =>
      sum[name] === 0 ? [] : [w[name](sum[name])],
    ),
  ];
  return [w.people(sum.people), w.hours(hours), ...counts].join(" · ");
}

interface ClosedProps {
  sheet: Sheet;
  isOnlyChanged: boolean;
  onToggle(): void;
}

/** That the month is closed, and how many cells would have changed since. */
function Closed({ sheet, isOnlyChanged, onToggle }: ClosedProps) {
  const w = hoursWords.value;
  const { closed, wouldHaveChanged, from, zone } = sheet;
  if (closed === null && wouldHaveChanged.length === 0) return null;
  return (
    <p class="note closed-line">
      {closed === null ? null : <bdi>{closedText(closed, from, zone)}</bdi>}
      {wouldHaveChanged.length === 0 ? null : (
        <>
          <span> {w.wouldHaveChanged(wouldHaveChanged.length)}</span>{" "}
          <Button look="small" aria-pressed={isOnlyChanged} onClick={onToggle}>
            {isOnlyChanged ? words.value.live.clearFilter : w.showThem}
          </Button>
        </>
      )}
    </p>
  );
}

interface ContentProps {
  shown: Shown;
  sheet: Sheet;
  isOnlyChanged: boolean;
  onChanged(): void;
}

function Content({ shown, sheet, isOnlyChanged, onChanged }: ContentProps) {
  const w = hoursWords.value;
  const changed = new Set(sheet.wouldHaveChanged.map((one) => cellKey(one, one.day)));
  const people = isOnlyChanged
    ? sheet.people.filter((person) => person.days.some(({ day }) => changed.has(cellKey(person, day))))
    : sheet.people;
  if (people.length === 0) {
    return <Blank icon="hours" title={shown.asked.only.length === 0 ? w.nobody : w.nobodyLike} why={w.nobodyWhy} />;
  }
  const hasSchedule = people.some(({ schedule }) => schedule !== null);
  return (
    <>
      {hasSchedule || shown.asked.group !== null ? null : <p class="note">{w.noSchedules}</p>}
      <Grid
        shown={shown}
        sheet={sheet}
        people={people}
        marked={isOnlyChanged ? changed : new Set()}
        onChanged={onChanged}
      />
      {sheet.sum.people > sheet.people.length ? (
        <p class="more">{w.moreRows(sheet.sum.people - sheet.people.length)}</p>
      ) : null}
      <PrintNotes people={people} zone={sheet.zone} />
    </>
  );
}

/** Below the sheet on paper: each correction with its reason, and a line to sign. */
function PrintNotes({ people, zone }: { people: readonly Person[]; zone: string }) {
  const w = hoursWords.value;
  const notes = people.flatMap((person) => person.corrections.map((correction) => ({ person, correction })));
  return (
    <footer class="paper-only" aria-hidden="true">
      {notes.length === 0 ? null : (
        <>
          <h2>{w.notes}</h2>
          <ol class="notes">
            {notes.map(({ person, correction }) => (
              <li key={`${sheetKey(person)} ${correction.id}`}>
                <bdi>
                  {w.cellTitle(person.name ?? person.id, longDay(correction.day))}: {correctionText(correction, zone)}
                </bdi>
              </li>
            ))}
          </ol>
        </>
      )}
      <p class="sign">{w.checkedBy}</p>
    </footer>
  );
}

/** Closes a month that has ended, for managers: later reports change nothing in it. */
function CloseMonth({ shown, sheet, onChanged }: { shown: Shown; sheet: Sheet; onChanged(): void }) {
  const w = hoursWords.value;
  const { period, stretch, today, site } = shown;
  if (!isManager.value || period !== "month" || sheet.closed !== null || stretch.to >= today) return null;
  const month = monthInWords(stretch.from);
  const close = async () => {
    const body = { site: site.id, month: stretch.from.slice(0, 7) };
    const { people } = await gatepost().ask("POST /v1/hours/close", { body });
    say(w.closedNow(month, people));
    onChanged();
  };
  return (
    <Confirm
      label={w.close(month)}
      look=""
      title={w.closeTitle(month)}
      why={w.closeWhy}
      does={w.closeIt(month)}
      onConfirm={close}
    />
  );
}

const formats = ["xlsx", "csv"] as const;

/** Exports the days of the sheet with their corrections. */
function Export({ asked, isEmpty }: { asked: SheetQuery; isEmpty: boolean }) {
  const { site, from, to, group, only } = asked;
  const filter = {
    site,
    from,
    to,
    ...(group === null ? {} : { group }),
    ...(only.length === 0 ? {} : { only: [...only] }),
  };
  const choices = formats.map((format) => ({
    text: words.value.events.sheets[format],
    wish: { kind: "export", what: "hours", format, filter } as const,
  }));
  const list = JSON.stringify(asked);
  return <FileExport name="hours export" list={list} isEmpty={isEmpty} choices={choices} />;
}
