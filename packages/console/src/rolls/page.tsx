import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count } from "../format/number.ts";
import { shortTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Check, Field, Find } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { AlikeQuestion } from "../parts/people/alike-question.tsx";
import { isPrinting, usePaperSite } from "../parts/printing.ts";
import { CloseRoll, MayBeOver } from "../parts/rolls/may-be-over.tsx";
import { addressOf } from "../state/address.ts";
import { clockAhead } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { useGates } from "../state/people/gates.ts";
import { sharedNames, whichOf } from "../state/people/namesakes.ts";
import { isCalled } from "../state/people/presence.ts";
import { preferences } from "../state/preferences.ts";
import { isManager } from "../state/role.ts";
import { type Book, findBook } from "../state/rolls/book.ts";
import { type Row, rowGroups } from "../state/rolls/ticks.ts";
import { address } from "../state/route.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { isPageKept, keepPage } from "../state/worker.ts";
import { words } from "../words/index.ts";
import { rollWords } from "../words/roll.ts";
import { Say } from "../words/say.tsx";
import { RollLink } from "./link.tsx";
import { Report } from "./report.tsx";
import { RollRow } from "./row.tsx";

/** Who is still inside? */
export function RollPage() {
  const id = address.value.id ?? "";
  const loading = useLoading(`roll ${id}`, (signal) => findBook(id, signal));
  return (
    <div class="roll">
      {loading.state.value.value === null ? (
        <header>
          <h1>{words.value.pages.roll}</h1>
        </header>
      ) : null}
      <Loaded of={loading} as="rows">
        {(book) => <Opened key={id} book={book} />}
      </Loaded>
    </div>
  );
}

function useSiteName(id: string, { site: named }: Book["source"]): string {
  const { state } = useLoading("sites of a list", named === null ? listSites : async () => []);
  const site = state.value.value?.find((one) => one.id === id);
  return siteNameOf(site ?? { id, name: named ?? id });
}

const tabs = ["missing", "safe", "all"] as const;

/** A list with its people, as a user has it, or a phone by a link. */
export function Opened({ book }: { book: Book }) {
  const w = rollWords.value;
  const roll = book.roll.value;
  const site = useSiteName(roll.site, book.source);
  const rows = book.rows.value;
  const safe = rows.filter(({ isSafe }) => isSafe).length;
  useGates();
  usePaperSite(site);
  useEffect(() => book.follow(), [book]);
  useEffect(() => {
    book.site.value = site;
  }, [book, site]);
  useEffect(() => void keepPage(), []);
  return (
    <>
      <header>
        <h1>
          <bdi>{w.title(site)}</bdi>
          <span class="meta end on-ink">
            {roll.closedAt === null
              ? w.begun(shortTime(roll.begunAt), roll.isDrill)
              : w.closed(shortTime(roll.closedAt), roll.closedBy?.name ?? null)}
          </span>
        </h1>
        <div class="count2" role="status">
          <b>{count(rows.length - safe)}</b>
          <span>{w.missing(safe, rows.length)}</span>
        </div>
        <Progress part={safe} of={rows.length} />
      </header>
      <StateLine book={book} />
      {book.source.isAlone || roll.state === "closed" ? null : <MayBeOver of={roll} onClose={() => book.close()} />}
      {roll.state === "closed" ? <Report roll={roll} rows={rows} /> : <Ticking book={book} rows={rows} />}
      {book.source.isAlone ? null : <AlikeQuestion site={roll.site} onAnswered={() => book.readAgain()} />}
    </>
  );
}

function Progress({ part, of }: { part: number; of: number }) {
  const width = of === 0 ? 100 : (100 * part) / of;
  return (
    <svg class="left" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="2" />
      <rect class="fill" width={width.toFixed(1)} height="2" />
    </svg>
  );
}

/** What the user must know of the connection, in one line. */
function StateLine({ book }: { book: Book }) {
  const w = rollWords.value;
  const [waiting, isOffline] = [book.waiting.value, book.isOffline.value];
  const isClosed = book.roll.value.state === "closed";
  const asOf = shortTime(book.readAt.value - clockAhead());
  const kept = isPageKept.value === null ? "" : isPageKept.value && book.isKept.value ? w.kept : w.printFirst;
  if (isClosed && waiting === 0) return null;
  return (
    <p class={isOffline || isClosed ? "state-line bad" : "state-line"} role="status">
      {isOffline && !isClosed ? <Icon name="off" /> : <Icon name="info" />}
      <span>{isClosed ? w.untaken(waiting) : isOffline ? <Say text={w.offline(asOf, waiting)} /> : kept}</span>
      {isClosed || isOffline ? null : (
        <Button icon="print" look="small end" onClick={() => window.print()}>
          {words.value.print}
        </Button>
      )}
    </p>
  );
}

function Ticking({ book, rows }: { book: Book; rows: readonly Row[] }) {
  const w = rollWords.value;
  const tab = useSignal<(typeof tabs)[number]>("missing");
  const typed = useSignal("");
  const isByGroup = useSignal(false);
  const [isAdding, isLinking] = [useSignal(false), useSignal(false)];
  /** Ticks whose rows are hidden: those from before the list was opened here. */
  const hidden = useSignal<ReadonlySet<string>>(new Set(tickedOf(rows)));
  useKeys();
  const ticked = rows.filter(({ isSafe, tick }) => isSafe && tick !== null && !hidden.value.has(tick.id));
  const isShown = ({ isSafe, tick }: Row) => {
    if (tab.value === "all") return true;
    return tab.value === "safe" ? isSafe : !isSafe || (tick !== null && !hidden.value.has(tick.id));
  };
  const shown = isPrinting.value ? rows : rows.filter((row) => isShown(row) && isFound(row, typed.value));
  const safe = rows.filter(({ isSafe }) => isSafe).length;
  const counts = { missing: rows.length - safe, safe, all: rows.length };
  const none = typed.value !== "" ? w.noMatch(typed.value) : tab.value === "safe" ? w.nobodySafe : w.nobodyMissing;
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are three buttons. */}
      <div class="seg" role="group" aria-label={words.value.nudge.show}>
        {tabs.map((name) => (
          <button key={name} type="button" aria-pressed={name === tab.value} onClick={() => (tab.value = name)}>
            {w.tabs[name](counts[name])}
          </button>
        ))}
      </div>
      <ByGroup rows={rows} isOn={isByGroup} />
      <Find label={w.search} value={typed.value} onFind={(text) => (typed.value = text)} />
      {shown.length === 0 ? (
        <Blank icon="check" title={none} />
      ) : (
        <RollList shown={shown} rows={isByGroup.value ? rows : null} book={book} />
      )}
      <p class="line roll-end">
        {book.source.isAlone ? (
          <span class="meta">{w.asLink(book.source.name() ?? "")}</span>
        ) : (
          <a class="btn bare" href={addressOf("inside")}>
            <Icon name="left" />
            {words.value.pages.inside}
          </a>
        )}
        {isManager.value && !book.source.isAlone ? (
          <>
            <Button icon="key" look="end" onClick={() => (isLinking.value = true)}>
              {w.link}
            </Button>
            <CloseRoll look="end" onClose={() => book.close()} />
          </>
        ) : null}
      </p>
      <footer>
        <Button
          look="main"
          icon="check"
          disabled={ticked.length === 0}
          onClick={() => (hidden.value = new Set(tickedOf(rows)))}
        >
          {w.hide(ticked.length)}
        </Button>
        <Button icon="plus" onClick={() => (isAdding.value = true)}>
          {w.add}
        </Button>
      </footer>
      {isLinking.value ? <RollLink roll={book.roll.value.id} onClose={() => (isLinking.value = false)} /> : null}
      {isAdding.value ? <AddPerson book={book} onClose={() => (isAdding.value = false)} /> : null}
    </>
  );
}

function ByGroup({ rows, isOn }: { rows: readonly Row[]; isOn: Signal<boolean> }) {
  if (!rows.some(({ person }) => person !== null && person.group !== null)) return null;
  return (
    <div class="roll-by">
      <Check label={rollWords.value.byGroup} isOn={isOn.value} onChange={(isChosen) => (isOn.value = isChosen)} />
    </div>
  );
}

interface RollListProps {
  shown: readonly Row[];
  /** All rows, if the list is group by group; null if it is not. */
  rows: readonly Row[] | null;
  book: Book;
}

function RollList({ shown, rows, book }: RollListProps) {
  const w = rollWords.value;
  const shared = sharedNames(book.rows.value);
  const list = (some: readonly Row[]) => (
    <ol class="roll-list">
      {some.map((row) => (
        <RollRow key={row.key} of={row} book={book} which={row.person === null ? null : whichOf(row.person, shared)} />
      ))}
    </ol>
  );
  if (rows === null) return list(shown);
  const all = new Map(rowGroups(rows).map((group) => [group.name, group.rows]));
  return rowGroups(shown).map(({ name, rows: ofGroup }) => {
    const whole = all.get(name) ?? ofGroup;
    return (
      <section key={name} class="roll-group">
        <h2>
          <bdi>{name ?? w.noGroup}</bdi>
          <span class="meta">{w.ofGroup(whole.filter(({ isSafe }) => !isSafe).length, whole.length)}</span>
        </h2>
        {list(ofGroup)}
      </section>
    );
  });
}

const tickedOf = (rows: readonly Row[]) =>
  rows.flatMap(({ isSafe, tick }) => (isSafe && tick !== null ? [tick.id] : []));

const isFound = ({ name, person }: Row, typed: string) =>
  typed.trim() === "" || isCalled({ name, id: person?.id ?? "", pinyin: person?.pinyin ?? null }, typed);

/** `j`, `k` and `x` on the rows. */
function useKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const hits = [...document.querySelectorAll<HTMLElement>(".roll-list .hit")];
      const at = hits.indexOf(document.activeElement as HTMLElement);
      if (event.key === "x") hits[at]?.click();
      if (event.key === "j") hits[Math.min(hits.length - 1, at + 1)]?.focus();
      if (event.key === "k") hits[Math.max(0, at - 1)]?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function isTyping({ target, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  if (ctrlKey || altKey || metaKey || !preferences.peek().hasKeys) return true;
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}

/** Adds a person who is not on the list. */
function AddPerson({ book, onClose }: { book: Book; onClose(): void }) {
  const w = rollWords.value;
  const [name, isSafe] = [useSignal(""), useSignal(true)];
  return (
    <FormDialog
      title={w.addTitle}
      does={w.addDo}
      isReady={name.value.trim() !== ""}
      onSend={async () => book.add(name.value.trim(), isSafe.value)}
      onClose={onClose}
    >
      <p>{w.addWhy}</p>
      <Field label={w.name} member="name" of={name} required maxLength={100} />
      <Check label={w.isSafe} isOn={isSafe.value} onChange={(is) => (isSafe.value = is)} />
    </FormDialog>
  );
}
