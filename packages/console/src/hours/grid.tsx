import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Place, steppedPlace } from "../parts/pages/grid-steps.ts";
import { PlaceText } from "../parts/text.tsx";
import { rootScale, Space, usePainted } from "../parts/virtual-rows.tsx";
import { addressOf, pathOfPerson } from "../state/address.ts";
import { daysOf, type Period, shortDay } from "../state/days.ts";
import { cellKey, type Day, type Person, type Sheet, sheetKey } from "../state/hours/sheet.ts";
import { hoursAndMinutes } from "../state/hours/zoned.ts";
import { sharedNames, whichOf } from "../state/people/namesakes.ts";
import { hoursWords } from "../words/hours.ts";
import { words } from "../words/index.ts";
import { CellText } from "./cell.tsx";
import { DayBar, HourScale } from "./day-bar.tsx";
import { CellPopover } from "./popover.tsx";
import type { Shown } from "./shown.ts";

interface GridProps {
  shown: Shown;
  sheet: Sheet;
  people: readonly Person[];
  /** Cells that are outlined, by `cellKey`. */
  marked: ReadonlySet<string>;
  /** After a correction. */
  onChanged(): void;
}

/** rem of a row. A week has room for three lines: times, hours and a state. */
const rowHeights = { day: 3.25, week: 3.875, month: 3.25 } as const;
const fourLines = 4.5625;

/** How many states a day has below its hours, or the reason of its correction. */
const statesOf = ({ late, early, state, leaveFrom, flags }: Day) =>
  [late > 0, early > 0, state === "open" || flags.includes("ended-by-rule"), leaveFrom !== null].filter(Boolean).length;

const isTall = (day: Day) => (day.minutes !== null || day.isCorrected) && statesOf(day) > 1;

/** rem of the row of a person. */
function heightOf({ days }: Person, period: Period): number {
  return period === "week" && days.some(isTall) ? fourLines : rowHeights[period];
}

/** The hours as a table that is one tab stop: arrows move in it, Enter opens a cell, Esc leads back to it. */
export function Grid({ shown, sheet, people, marked, onChanged }: GridProps) {
  const w = hoursWords.value;
  const table = useRef<HTMLTableElement>(null);
  const at = useSignal<Place>({ row: 0, column: 0 });
  const opened = useSignal<string | null>(null);
  const { period } = shown;
  const days = daysOf(shown.stretch);
  const shared = sharedNames(people);
  const hasNight = people.some(({ nightMinutes }) => nightMinutes > 0);
  const rem = 16 * rootScale();
  const { first, last, before, after } = usePainted(
    table,
    people.map((person) => heightOf(person, period) * rem),
  );
  useEffect(() => {
    opened.value = null;
  }, [shown.stretch.from, period]);
  const row = at.value.row >= first && at.value.row < last ? at.value.row : first;
  return (
    <div class="sheet-wrap sideways">
      <table
        class={`hours-sheet ${period}`}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows move in it.
        role="grid"
        ref={table}
        aria-label={w.sheetOf[period]}
        aria-rowcount={people.length + 1}
        onKeyDown={(event) => move(event, at, { rows: people.length, columns: days.length })}
      >
        <Heads days={days} period={period} hasNight={hasNight} />
        <tbody>
          <Space height={before} />
          {people.slice(first, last).map((person, index) => (
            <Row
              key={sheetKey(person)}
              person={person}
              which={whichOf(person, shared)}
              days={days}
              period={period}
              sheet={sheet}
              hasNight={hasNight}
              marked={marked}
              opened={opened}
              onChanged={onChanged}
              index={first + index}
              at={first + index === row ? at.value.column : null}
              onFocus={(column) => {
                at.value = { row: first + index, column };
              }}
            />
          ))}
          <Space height={after} />
        </tbody>
      </table>
    </div>
  );
}

function move(event: KeyboardEvent, at: Signal<Place>, size: { rows: number; columns: number }): void {
  const next = steppedPlace(event.key, at.value, size);
  const isCell = event.target instanceof HTMLElement && event.target.dataset["at"] !== undefined;
  if (next === null || !isCell || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const table = event.currentTarget instanceof HTMLElement ? event.currentTarget : null;
  table?.querySelector<HTMLElement>(`[data-at="${next.row} ${next.column}"]`)?.focus();
}

function Heads({ days, period, hasNight }: { days: readonly string[]; period: Period; hasNight: boolean }) {
  const w = hoursWords.value;
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" class="name-col">
          {words.value.columns.person}
        </th>
        {days.map((day) => (
          <th key={day} scope="col">
            <b>{period === "month" ? Number(day.slice(8)) : shortDay(day)}</b>
            {period === "month" ? <span class="hide"> {shortDay(day)}</span> : null}
          </th>
        ))}
        {period === "day" ? (
          <th scope="col" class="bar-col">
            <HourScale />
            <span class="hide">{w.passingsOfDay}</span>
          </th>
        ) : (
          <th scope="col" class="sum-col">
            {words.value.periods[period]}
          </th>
        )}
        {hasNight ? (
          <th scope="col" class="count-col">
            {w.night}
          </th>
        ) : null}
        {period === "month" ? (
          <>
            <th scope="col" class="count-col">
              {w.onlyOf.late}
            </th>
            <th scope="col" class="count-col">
              {w.onlyOf.absent}
            </th>
          </>
        ) : null}
      </tr>
    </thead>
  );
}

interface RowProps extends Pick<GridProps, "sheet" | "marked" | "onChanged"> {
  person: Person;
  /** Id and box, if others have the same name. */
  which: string | null;
  days: readonly string[];
  period: Period;
  /** Whether someone of the sheet has night hours. */
  hasNight: boolean;
  index: number;
  /** The place of the tab stop, if it is in this row. */
  at: number | null;
  opened: Signal<string | null>;
  onFocus(column: number): void;
}

function Row({
  person,
  which,
  days,
  period,
  sheet,
  hasNight,
  index,
  at,
  opened,
  marked,
  onFocus,
  onChanged,
}: RowProps) {
  const byDay = new Map(person.days.map((day) => [day.day, day]));
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" class="name-col">
        <a href={addressOf("person", pathOfPerson(person))} tabIndex={-1}>
          <b>
            <PlaceText text={person.name ?? person.id} />
          </b>
        </a>
        <PlaceText class="meta" text={which ?? person.group ?? words.value.kinds[person.type]} />
      </th>
      {days.map((day, column) => {
        const key = cellKey(person, day);
        const found = byDay.get(day);
        if (found === undefined) return <td key={day} class="rest" />;
        return (
          <Cell
            key={day}
            person={person}
            sheet={sheet}
            period={period}
            onChanged={onChanged}
            day={found}
            place={`${index} ${column}`}
            isStop={column === at}
            isMarked={marked.has(key)}
            isOpen={opened.value === key}
            onFocus={() => onFocus(column)}
            onOpen={(isOpen) => {
              opened.value = isOpen ? key : null;
            }}
          />
        );
      })}
      {period === "day" ? (
        <td class="bar-col">
          <DayBar day={person.days[0]} zone={sheet.zone} />
        </td>
      ) : (
        <td class="sum-col">
          <b>{hoursAndMinutes(person.minutes)}</b>
          {period === "week" ? <span class="meta">{countsText(person.days)}</span> : null}
        </td>
      )}
      {hasNight ? (
        <td class="count-col">{person.nightMinutes === 0 ? "" : hoursAndMinutes(person.nightMinutes)}</td>
      ) : null}
      {period === "month" ? (
        <>
          <td class="count-col">{person.days.filter(({ late }) => late > 0).length || ""}</td>
          <td class="count-col">{person.days.filter(({ state }) => state === "absent").length || ""}</td>
        </>
      ) : null}
    </tr>
  );
}

/** `1 absent, 1 without a last out`, of the days of a week */
function countsText(days: readonly Day[]): string {
  const { sum } = hoursWords.value;
  const counts = [
    [sum.late, days.filter(({ late }) => late > 0).length],
    [sum.absent, days.filter(({ state }) => state === "absent").length],
    [sum.openShort, days.filter(({ state }) => state === "open").length],
    [sum.leave, days.filter(({ state, leaveFrom }) => state === "leave" || leaveFrom !== null).length],
  ] as const;
  const separator = words.value.code === "zh-CN" ? "，" : ", ";
  return counts.flatMap(([word, count]) => (count === 0 ? [] : [word(count)])).join(separator);
}

interface CellProps extends Pick<RowProps, "person" | "sheet" | "period" | "onChanged"> {
  day: Day;
  place: string;
  isStop: boolean;
  isMarked: boolean;
  isOpen: boolean;
  onFocus(): void;
  onOpen(isOpen: boolean): void;
}

function Cell({ person, sheet, period, day, place, isStop, isMarked, isOpen, onFocus, onOpen, onChanged }: CellProps) {
  const button = useRef<HTMLButtonElement>(null);
  const correction = day.isCorrected ? (person.corrections.find((one) => one.day === day.day) ?? null) : null;
  const isRest = day.state === "rest" || (day.state === "none" && day.flags.every((flag) => flag === "roster"));
  const looks = [...(isRest ? ["rest"] : []), ...(isMarked || isOpen ? ["sel"] : [])];
  return (
    <td class={looks.join(" ")}>
      <button
        type="button"
        ref={button}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        data-at={place}
        tabIndex={isStop ? 0 : -1}
        onFocus={onFocus}
        onClick={() => onOpen(!isOpen)}
      >
        <CellText day={day} zone={sheet.zone} correction={correction} period={period} />
      </button>
      {isOpen ? (
        <CellPopover
          site={sheet.site}
          person={person}
          day={day.day}
          zone={sheet.zone}
          closed={sheet.closed}
          onClose={(isBack) => {
            onOpen(false);
            if (isBack) button.current?.focus();
          }}
          onChanged={onChanged}
        />
      ) : null}
    </td>
  );
}
