import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type Place, steppedPlace } from "../../parts/pages/grid-steps.ts";
import { closeOutside, Menu, Popover } from "../../parts/popover.tsx";
import { isPrinting } from "../../parts/printing.ts";
import { PlaceText } from "../../parts/text.tsx";
import { rootScale, Space, usePainted } from "../../parts/virtual-rows.tsx";
import { addressOf, pathOfPerson } from "../../state/address.ts";
import { shortWeekday, weekdayOf } from "../../state/days.ts";
import { sheetKey } from "../../state/hours/sheet.ts";
import { say } from "../../state/notice.ts";
import { sharedNames, whichOf } from "../../state/people/namesakes.ts";
import type { Site } from "../../state/sites.ts";
import { words } from "../../words/index.ts";
import { rosterWords } from "../../words/roster.ts";
import { cellsIn, type Planned, plannedBy, type Row, type Shift, textOf } from "./table.ts";

/** A day of a person as the user plans it. */
export interface Change {
  row: Row;
  day: string;
  planned: Planned;
}

interface GridProps {
  label: string;
  site: Site;
  rows: readonly Row[];
  days: readonly string[];
  shifts: readonly Shift[];
  isEditable: boolean;
  plannedAt(row: Row, day: string): Planned;
  isUnsaved(row: Row, day: string): boolean;
  /** Plans days, and returns how many are others than before. */
  onPlan(changes: readonly Change[]): number;
  onUndo(): void;
  /** Takes a pasted table with a line of days; false if the text is none. */
  onPasteTable(text: string, top: number): boolean;
}

const rowRem = 3.25;

/** The days of a month as a table that is one tab stop. Arrows move in it, with Shift they select. */
export function Grid({ label, site, rows, days, shifts, isEditable, plannedAt, isUnsaved, onPlan, ...on }: GridProps) {
  const w = rosterWords.value;
  const table = useRef<HTMLTableElement>(null);
  const at = useSignal<Place>({ row: 0, column: 0 });
  const anchor = useSignal<Place>({ row: 0, column: 0 });
  const isOpen = useSignal(false);
  /** Whether the focus has yet to follow. */
  const isBehind = useRef(false);
  const shared = sharedNames(rows);
  const heights = rows.map(() => rowRem * 16 * rootScale());
  const { first, last, before, after } = usePainted(table, heights);
  const [top, bottom] = ordered(at.value.row, anchor.value.row);
  const [left, right] = ordered(at.value.column, anchor.value.column);
  const isChosen = (row: number, column: number) => row >= top && row <= bottom && column >= left && column <= right;
  const stop = at.value.row >= first && at.value.row < last ? at.value.row : first;
  const goTo = (place: Place, isExtending: boolean) => {
    at.value = place;
    if (!isExtending) anchor.value = place;
  };
  const cellAt = ({ row, column }: Place) => table.current?.querySelector<HTMLElement>(`[data-at="${row} ${column}"]`);
  const focusAt = (place: Place) => cellAt(place)?.focus();
  const moveTo = (place: Place, isExtending: boolean) => {
    if (cellAt(place) == null) scrollBy(0, (place.row - at.value.row) * rowRem * 16 * rootScale());
    goTo(place, isExtending);
    isBehind.current = true;
  };
  // A cell that was not painted gets the focus once it is.
  useLayoutEffect(() => {
    if (!isBehind.current || cellAt(at.value) == null) return;
    isBehind.current = false;
    focusAt(at.value);
  });
  /** The chosen cells, line by line. */
  const chosen = () =>
    rows.slice(top, bottom + 1).map((row) => days.slice(left, right + 1).map((day) => ({ row, day })));
  const plan = (planned: Planned) => onPlan(chosen().flatMap((line) => line.map((cell) => ({ ...cell, planned }))));

  const onKeyDown = (event: KeyboardEvent) => {
    const isCell = event.target instanceof HTMLElement && event.target.dataset["at"] !== undefined;
    if (!isCell) return;
    if (isEditable && isUndo(event)) on.onUndo();
    else if (!event.ctrlKey && !event.altKey && !event.metaKey) onPlainKey(event);
  };
  const onPlainKey = (event: KeyboardEvent) => {
    const next = steppedPlace(event.key, at.value, { rows: rows.length, columns: days.length });
    const planned = isEditable ? plannedByKey(event.key, shifts) : null;
    if (next === null && planned === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (planned !== null) plan(planned.planned);
    if (next !== null) moveTo(next, event.shiftKey);
  };
  const onCopy = (event: ClipboardEvent) => {
    const lines = chosen().map((line) => line.map(({ row, day }) => textOf(plannedAt(row, day), shifts, w.free)));
    event.clipboardData?.setData("text/plain", lines.map((line) => line.join("\t")).join("\n"));
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (!isEditable) return;
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (on.onPasteTable(text, top)) return;
    const cells = cellsIn(text);
    const isOne = cells.length === 1 && cells[0]?.length === 1;
    const texts = isOne ? chosen().map((line) => line.map(() => cells[0]?.[0] ?? "")) : cells;
    const { changes, faults } = pastedAt({ row: top, column: left }, texts, { rows, days, shifts });
    const count = onPlan(changes);
    say(faults.length === 0 ? w.pasted(count) : w.notUnderstood(faults.length, shownTexts(faults)));
  };
  return (
    <div class="sheet-wrap sideways">
      <table
        class="hours-sheet month roster"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows move in it.
        role="grid"
        ref={table}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-multiselectable="true"
        onKeyDown={onKeyDown}
        onCopy={onCopy}
        onPaste={onPaste}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" class="name-col">
              {words.value.columns.person}
            </th>
            {days.map((day) => (
              <th key={day} scope="col" class={isRestOf(day, site) ? "off" : ""}>
                <b>{Number(day.slice(8))}</b> <span>{shortWeekday(day)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={before} />
          {rows.slice(first, last).map((row, n) => (
            <tr key={sheetKey(row)} aria-rowindex={first + n + 2}>
              <Name row={row} which={whichOf(row, shared)} />
              {days.map((day, column) => {
                const place = { row: first + n, column };
                const isHere = at.value.row === place.row && at.value.column === column;
                return (
                  <Cell
                    key={day}
                    place={place}
                    planned={plannedAt(row, day)}
                    shifts={shifts}
                    isUnsaved={isUnsaved(row, day)}
                    isRest={isRestOf(day, site)}
                    isStop={place.row === stop && column === at.value.column}
                    isChosen={isChosen(place.row, column)}
                    isOpen={isHere && isOpen.value}
                    isOnPaper={isPrinting.value}
                    onFocus={() => {
                      const now = at.peek();
                      if (now.row !== place.row || now.column !== column) goTo(place, false);
                    }}
                    onOpen={(isExtending) => {
                      goTo(place, isExtending);
                      isOpen.value = isEditable && !isExtending;
                    }}
                    onClose={(isBack) => {
                      isOpen.value = false;
                      if (isBack) focusAt(place);
                    }}
                    onPlan={plan}
                  />
                );
              })}
            </tr>
          ))}
          <Space height={after} />
        </tbody>
      </table>
    </div>
  );
}

const isUndo = ({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent) =>
  key.toLowerCase() === "z" && (ctrlKey || metaKey) && !shiftKey && !altKey;

const ordered = (one: number, other: number) => [Math.min(one, other), Math.max(one, other)] as const;

const isRestOf = (day: string, { workWeek, holidays }: Site) =>
  !workWeek.includes(weekdayOf(day)) || holidays.includes(day);

/** What a key plans: a number the schedule of that place, 0 a free day, Delete nothing. Null: it plans nothing. */
function plannedByKey(key: string, shifts: readonly Shift[]): { planned: Planned } | null {
  if (key === "Delete" || key === "Backspace") return { planned: undefined };
  if (key === "0" || key === "-") return { planned: null };
  const shift = /^[1-9]$/.test(key) ? shifts[Number(key) - 1] : undefined;
  return shift === undefined ? null : { planned: shift.id };
}

/** The changes by some pasted texts, and the texts that are not understood. Texts beyond the grid are left out. */
function pastedAt(
  { row, column }: Place,
  texts: readonly (readonly string[])[],
  { rows, days, shifts }: Pick<GridProps, "rows" | "days" | "shifts">,
): { changes: Change[]; faults: string[] } {
  const [changes, faults]: [Change[], string[]] = [[], []];
  for (const [n, line] of texts.entries()) {
    for (const [m, text] of line.entries()) {
      const [person, day] = [rows[row + n], days[column + m]];
      if (person === undefined || day === undefined) continue;
      const found = plannedBy(text, shifts);
      if (found === null) faults.push(text);
      else changes.push({ row: person, day, ...found });
    }
  }
  return { changes, faults };
}

/** The first few of some texts, each once. */
export const shownTexts = (texts: readonly string[]): string =>
  [...new Set(texts)]
    .slice(0, 3)
    .map((text) => text.slice(0, 24))
    .join(", ");

function Name({ row, which }: { row: Row; which: string | null }) {
  const name = <PlaceText text={row.name ?? row.id} />;
  return (
    <th scope="row" class="name-col">
      <div>
        {row.name === null && row.group === null ? (
          <b>{name}</b>
        ) : (
          <a href={addressOf("person", pathOfPerson(row))} tabIndex={-1}>
            <b>{name}</b>
          </a>
        )}
        <PlaceText class="meta" text={which ?? row.group ?? row.library} />
      </div>
    </th>
  );
}

interface CellProps {
  place: Place;
  planned: Planned;
  shifts: readonly Shift[];
  isUnsaved: boolean;
  /** It is no day of work of the site. */
  isRest: boolean;
  isStop: boolean;
  isChosen: boolean;
  isOpen: boolean;
  isOnPaper: boolean;
  onFocus(): void;
  /** @param isExtending whether the cells up to here are chosen */
  onOpen(isExtending: boolean): void;
  /** @param isBack whether the focus returns to the cell */
  onClose(isBack: boolean): void;
  onPlan(planned: Planned): void;
}

function Cell({ place, planned, shifts, isUnsaved, isRest, isStop, isChosen, isOpen, isOnPaper, ...on }: CellProps) {
  const w = rosterWords.value;
  const shift = shifts.find(({ id }) => id === planned);
  const code = planned === undefined ? "" : planned === null ? "–" : (shift?.code ?? "?");
  const text = inWords(planned, shift);
  const looks = [
    ...(isRest ? ["off"] : []),
    ...(isRest && planned === undefined ? ["rest"] : []),
    ...(isChosen ? ["sel"] : []),
    ...(isUnsaved ? ["unsaved"] : []),
  ];
  if (isOnPaper) return <td class={looks.join(" ")}>{code}</td>;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a cell of a grid is a gridcell.
    <td class={looks.join(" ")} aria-selected={isChosen}>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        data-at={`${place.row} ${place.column}`}
        tabIndex={isStop ? 0 : -1}
        title={planned === undefined ? undefined : text}
        onFocus={on.onFocus}
        onClick={({ shiftKey }) => on.onOpen(shiftKey)}
      >
        <b aria-hidden="true">{code}</b>
        <span class="hide">{isUnsaved ? `${text}, ${w.notSaved}` : text}</span>
      </button>
      {isOpen ? <Choices shifts={shifts} planned={planned} onClose={on.onClose} onPlan={on.onPlan} /> : null}
    </td>
  );
}

function inWords(planned: Planned, shift: Shift | undefined): string {
  const w = rosterWords.value;
  if (planned === undefined) return w.asGroup;
  if (planned === null) return w.free;
  return shift === undefined ? w.removed(planned) : w.shiftOf(shift.name, shift.start, shift.end);
}

/** The choices that are no schedule. */
const others = { free: null, group: undefined } as const;

function Choices({ shifts, planned, onClose, onPlan }: Pick<CellProps, "shifts" | "planned" | "onClose" | "onPlan">) {
  const w = rosterWords.value;
  const place = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(true);
  useEffect(() => closeOutside(place, isOpen), []);
  useEffect(() => {
    if (!isOpen.value) onClose(false);
  }, [isOpen.value]);
  const plannedOf = (choice: string): Planned => (choice in others ? others[choice as keyof typeof others] : choice);
  return (
    <div class="cellpop" ref={place}>
      <Popover name={words.value.pages.roster} onClose={() => onClose(true)}>
        <Menu
          choices={[
            ...shifts.map((shift) => [shift.id, <bdi key={shift.id}>{inWords(shift.id, shift)}</bdi>] as const),
            ["free", w.free],
            ["group", w.asGroup],
          ]}
          isChosen={(choice) => plannedOf(choice) === planned}
          onChoose={(choice) => {
            onPlan(plannedOf(choice));
            onClose(true);
          }}
        />
      </Popover>
    </div>
  );
}
