import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { useModal } from "../parts/modal.ts";
import { BoxText, Said } from "../parts/text.tsx";
import { addressOf, pathOfPerson } from "../state/address.ts";
import { serverTime } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { asPeoplePage, type Listed } from "../state/people/listed.ts";
import { hasPeople } from "../state/role.ts";
import { goTo } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { paletteWords } from "../words/palette.ts";
import { best, type Found, groups } from "./rank.ts";
import type { Row } from "./row.ts";
import { allRows, goToEvents, type Places, searchRow, typedRows } from "./rows.ts";
import { type WayIn, wayIn } from "./ways.ts";

/** Rows that are shown. */
const maxRows = 8;

/** Boxes, and devices, that are found by name. They are read on opening, and then found without a request. */
const mostPlaces = 1000;

/** Finds pages, boxes, devices, views, times, events and acts, by a part of their names. */
export function Palette({ onClose }: { onClose(): void }) {
  const w = paletteWords.value;
  const { dialog, close, onCancel, onBackdrop } = useModal(onClose);
  const id = useId();
  const typed = useSignal("");
  const chosen = useSignal(0);
  const places = useLoading<Places>("places", (signal) =>
    gatepost().ask("GET /v1/find", { query: { limit: mostPlaces }, signal }),
  );
  const way = useLoading<WayIn | null>("way in", wayIn);
  const people = usePeopleRows(typed);
  const found = useComputed(() =>
    foundRows(typed.value, allRows(places.state.value.value, way.state.value.value), people.value),
  ).value;
  const active = found[Math.min(chosen.value, found.length - 1)];
  useEffect(() => {
    dialog.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  /** The dialogue is closed before: the act may open another one. */
  const act = (does: () => void) => {
    close();
    does();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || (step === undefined && event.key !== "Enter")) return;
    event.preventDefault();
    if (step !== undefined) {
      const at = Math.min(chosen.value, found.length - 1);
      chosen.value = (at + step + found.length) % Math.max(1, found.length);
    } else if (active !== undefined) {
      const { open, passings = open } = active.one;
      act(event.ctrlKey || event.metaKey ? passings : open);
    }
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it by itself; a click beside it is the pointer's way.
    <dialog ref={dialog} class="dialog palette" aria-label={w.title} onCancel={onCancel} onClick={onBackdrop}>
      <div class="find">
        <Icon name="events" />
        <label class="hide" for={`${id}-text`}>
          {w.label}
        </label>
        <input
          class="field"
          id={`${id}-text`}
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={active === undefined ? undefined : rowId(id, active)}
          placeholder={w.placeholder}
          maxLength={256}
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            chosen.value = 0;
          }}
          onKeyDown={onKey}
        />
      </div>
      <p class="meta" role="status">
        {isNothing(found) ? <bdi>{w.nothing(typed.value.trim())}</bdi> : null}
        {places.state.value.failure === null ? null : <Said of={places.state.value.failure} />}
      </p>
      <div class="palette-rows" id={`${id}-list`} role="listbox" aria-label={w.found}>
        {groups.map((group) => {
          const rows = found.filter(({ one }) => one.group === group);
          return rows.length === 0 ? null : (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a part of a listbox.
            <div key={group} role="group" aria-label={w.groups[group]}>
              <p aria-hidden="true">{w.groups[group]}</p>
              {rows.map((row) => (
                <Hit
                  key={row.one.id}
                  id={rowId(id, row)}
                  of={row}
                  isChosen={row === active}
                  onChoose={() => (chosen.value = found.indexOf(row))}
                  onOpen={() => act(row.one.open)}
                />
              ))}
            </div>
          );
        })}
      </div>
      <Keys hasPassings={active?.one.passings !== undefined} />
    </dialog>
  );
}

const rowId = (id: string, { one }: Found<Row>) => `${id}-${one.id.replaceAll(" ", "_")}`;

const isNothing = (found: readonly Found<Row>[]) => found.length === 1 && found[0]?.one.id === "search";

/** The best rows for a text. The last one always searches the events. */
function foundRows(typed: string, all: readonly Row[], people: readonly Row[]): Found<Row>[] {
  if (typed.trim() === "") return best(all, "", maxRows);
  const asIs = (one: Row): Found<Row> => ({ one, marked: null, by: null });
  // The server has found people by their readings, too.
  const made = [...people, ...typedRows(typed, serverTime())].map(asIs);
  return [...made, ...best(all, typed, maxRows - 1 - made.length), asIs(searchRow(typed))];
}

interface HitProps {
  id: string;
  of: Found<Row>;
  isChosen: boolean;
  onChoose(): void;
  onOpen(): void;
}

function Hit({ id, of: { one, marked, by }, isChosen, onChoose, onOpen }: HitProps) {
  const { text, icon, meta } = one;
  const [from, to] = marked ?? [0, 0];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys.
    // biome-ignore lint/a11y/useFocusableInteractive: the field names the chosen row with aria-activedescendant.
    <div class="palette-row" id={id} role="option" aria-selected={isChosen} onPointerMove={onChoose} onClick={onOpen}>
      <Icon name={icon} />
      <span>
        <bdi title={text}>
          {text.slice(0, from)}
          {to > from ? <mark>{text.slice(from, to)}</mark> : null}
          {text.slice(to)}
        </bdi>
        {by === null || by === meta ? null : (
          <>
            {" "}
            <bdi class="quiet">{by}</bdi>
          </>
        )}
      </span>
      <span class="meta">
        <BoxText text={meta} />
      </span>
    </div>
  );
}

function Keys({ hasPassings }: { hasPassings: boolean }) {
  const w = paletteWords.value;
  return (
    <footer class="line">
      <span>
        <kbd>↑</kbd> <kbd>↓</kbd> {w.choose}
      </span>
      <span>
        <kbd>⏎</kbd> {w.open}
      </span>
      {hasPassings ? (
        <span>
          <kbd>Ctrl ⏎</kbd> {w.passings}
        </span>
      ) : null}
      <kbd class="end">Esc</kbd>
    </footer>
  );
}

/** People who are shown. */
const maxPeople = 4;
const pauseMs = 120;

/** The people whom a typed text finds, by name, id or the reading of a name; none for users without people. */
function usePeopleRows(typed: ReadonlySignal<string>): ReadonlySignal<readonly Row[]> {
  const rows = useSignal<readonly Row[]>([]);
  const q = typed.value.trim();
  useEffect(() => {
    // A person who was found by another text would be opened by mistake.
    rows.value = [];
    if (q === "" || !hasPeople.peek()) return undefined;
    const aborter = new AbortController();
    const { signal } = aborter;
    const timer = setTimeout(() => {
      gatepost()
        .ask("GET /v1/people", { query: { q, limit: maxPeople }, signal })
        .then((answer) => {
          if (!signal.aborted) rows.value = asPeoplePage(answer).people.map(rowOf);
        })
        // The other rows are of use without people.
        .catch(() => null);
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [q]);
  return rows;
}

function rowOf({ library, id, name }: Listed): Row {
  const path = pathOfPerson({ library, id });
  const where = library.startsWith("~") ? { site: [library.slice(1)] } : { box: [library] };
  return {
    id: `person ${path}`,
    group: "people",
    icon: "people",
    text: name ?? id,
    also: [],
    meta: name === null ? library : id,
    open: () => goTo(addressOf("person", path)),
    passings: goToEvents({ person: [id], ...where }),
  };
}
