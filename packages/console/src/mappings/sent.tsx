import type { QuarantineRecord } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { size } from "../format/number.ts";
import { clockTime, exactTime } from "../format/time.ts";
import { IconButton } from "../parts/button.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Mark } from "../parts/mark.tsx";
import { closeLeft, closeOutside } from "../parts/popover.tsx";
import { BoxText } from "../parts/text.tsx";
import type { Loading } from "../state/loading.ts";
import { turn } from "../state/turning.ts";
import { teachWords } from "../words/teach.ts";
import { MeaningChoices } from "./choices.tsx";
import { factAt, isAlways, type Press, pathWithin, type TaughtDraft } from "./draft.ts";
import { KeptPicture } from "./kept-picture.tsx";
import { type Branch, isListOfObjects, type KeptValue, leavesUnder, type Node, reportTree } from "./tree.ts";

interface SentProps {
  record: QuarantineRecord;
  /** The place of the report among those that are tried. */
  at: number;
  of: number;
  values: Loading<{ id: string; values: readonly KeptValue[]; isCut: boolean }>;
  draft: TaughtDraft;
  onPress(press: Press): void;
  onTurn(by: 1 | -1): void;
}

/** One report as a tree. Each value is a button that opens what the value may be. */
export function SentReport({ record, at, of, values, draft, onPress, onTurn }: SentProps) {
  const w = teachWords.value;
  const { id, receivedAt } = record;
  /** The place of the value with the focus, for the next report; -1 if another part has it. */
  const focusedAt = useRef(-1);
  const tree = useRef<HTMLDivElement>(null);
  const turnTo = (by: 1 | -1) => {
    const focused = document.activeElement;
    focusedAt.current = focused instanceof HTMLElement ? buttonsIn(tree.current).indexOf(focused) : -1;
    onTurn(by);
  };
  useEffect(() => {
    turn.value = turnTo;
    return () => {
      turn.value = null;
    };
  });
  return (
    <section class="panel" aria-labelledby="sent">
      <header>
        <h2 id="sent">{w.sent}</h2>
        <span class="end line">
          <time class="meta" dateTime={receivedAt} title={exactTime(receivedAt)}>
            {w.place(at + 1, of, clockTime(receivedAt))}
          </time>
          <IconButton icon="left" label={w.before} look="small" aria-disabled={at === 0} onClick={() => onTurn(-1)} />
          <IconButton
            icon="next"
            label={w.after}
            look="small"
            aria-disabled={at === of - 1}
            onClick={() => onTurn(1)}
          />
        </span>
      </header>
      <p class="body quiet">{w.how}</p>
      <Loaded of={values}>
        {(found) =>
          // The values of another report arrived before.
          found.id !== id ? null : (
            <>
              <Tree key={id} values={found.values} draft={draft} onPress={onPress} place={tree} focusedAt={focusedAt} />
              {found.isCut ? <p class="body meta">{w.cut}</p> : null}
            </>
          )
        }
      </Loaded>
    </section>
  );
}

interface TreeProps extends Pick<SentProps, "draft" | "onPress"> {
  place: { current: HTMLDivElement | null };
  focusedAt: { current: number };
  values: readonly KeptValue[];
}

/** What each line of the tree needs. */
interface Told extends TreeProps {
  /** Objects and lists that are shown the other way than at first. */
  turned: { value: ReadonlySet<string> };
}

function Tree(props: TreeProps) {
  const turned = useSignal<ReadonlySet<string>>(new Set());
  const { place, focusedAt } = props;
  const root = reportTree(props.values);
  // The focus stays at the same place of the report that is turned to.
  useEffect(() => {
    if (focusedAt.current >= 0) buttonsIn(place.current)[focusedAt.current]?.focus();
    focusedAt.current = -1;
  }, []);
  // One of the values is on the way of the Tab key: arrows lead to the others.
  useEffect(() => {
    const buttons = buttonsIn(place.current);
    if (!buttons.some(({ tabIndex }) => tabIndex === 0)) buttons[0]?.setAttribute("tabindex", "0");
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has no arrows.
    <div
      class="tree"
      role="group"
      aria-label={teachWords.value.values}
      ref={place}
      onKeyDown={(event) => moveIn(event, place.current)}
      onFocusIn={({ target }) => keepOnWay(target, place.current)}
    >
      {root.isList ? "[" : "{"}
      <Inner of={root} told={{ ...props, turned }} />
      {root.isList ? "]" : "}"}
    </div>
  );
}

const buttonsIn = (tree: HTMLElement | null) => [...(tree?.querySelectorAll<HTMLElement>(".leaf") ?? [])];

function keepOnWay(target: EventTarget | null, tree: HTMLElement | null): void {
  const buttons = buttonsIn(tree);
  if (!(target instanceof HTMLElement) || !buttons.includes(target)) return;
  for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

function moveIn(event: KeyboardEvent, tree: HTMLElement | null): void {
  const { key, target } = event;
  if (!(target instanceof HTMLElement) || target.closest("dialog") !== null) return;
  const buttons = buttonsIn(tree);
  const at = buttons.indexOf(target);
  const last = buttons.length - 1;
  const by = steps[key];
  const to = key === "Home" ? 0 : key === "End" ? last : by === undefined ? null : at + by;
  const isFold = (key === "ArrowRight" || key === "ArrowLeft") && target.ariaExpanded !== null;
  if (isFold && target.matches(".fold") && target.ariaExpanded === String(key === "ArrowLeft")) target.click();
  else if (to === null) return;
  else buttons[Math.min(last, Math.max(0, to))]?.focus();
  event.preventDefault();
}

function Inner({ of, told }: { of: Branch; told: Told }) {
  return (
    <ul>
      {of.inner.map((node) => (
        <li key={`${node.path}${"value" in node ? "" : "/"}`}>
          {"value" in node ? <Leaf node={node} told={told} /> : <Folding node={node} told={told} />}
        </li>
      ))}
    </ul>
  );
}

/** An object or a list. It is folded at first if no one needs to look into it. */
function Folding({ node, told }: { node: Branch; told: Told }) {
  const w = teachWords.value;
  const { draft, onPress, turned } = told;
  const isOpen = isNeeded(node, draft) !== turned.value.has(node.path);
  const toggle = () => {
    const paths = new Set(turned.value);
    if (!paths.delete(node.path)) paths.add(node.path);
    turned.value = paths;
  };
  const [begin, end] = node.isList ? ["[", "]"] : ["{", "}"];
  const values = leavesUnder(node).length;
  return (
    <>
      <Name of={node} />
      <button
        type="button"
        class="leaf fold"
        tabIndex={-1}
        aria-expanded={isOpen}
        aria-label={w.folded(node.path, values)}
        onClick={toggle}
      >
        {isOpen ? begin : `${begin} ${values} ${end}`}
      </button>
      {isListOfObjects(node) ? (
        <button
          type="button"
          class="leaf each"
          tabIndex={-1}
          aria-pressed={draft.each === node.path}
          onClick={() => onPress({ press: "each", list: draft.each === node.path ? null : node.path })}
        >
          {w.each}
        </button>
      ) : null}
      {isOpen ? (
        <>
          <Inner of={node} told={told} />
          {end}
        </>
      ) : null}
    </>
  );
}

function isNeeded(node: Branch, draft: TaughtDraft): boolean {
  if (draft.each === node.path || isListOfObjects(node)) return true;
  // The first report of a list is enough.
  if (draft.each !== undefined && node.path.startsWith(`${draft.each}[`) && !node.path.startsWith(`${draft.each}[0]`)) {
    return false;
  }
  const values = leavesUnder(node);
  return (
    values.length <= fewValues ||
    values.some(({ path }) => {
      const at = pathWithin(draft.each, path);
      return at !== null && (factAt(draft, at) !== null || isCondition(draft, at));
    })
  );
}

/** So many values are always shown. */
const fewValues = 3;

const isCondition = ({ when }: TaughtDraft, path: string) => Object.hasOwn(when.is, path) || when.has.includes(path);

function Name({ of: { name } }: { of: Node }) {
  return name.startsWith("[") ? null : (
    <>
      <bdi class="name">{name}:</bdi>{" "}
    </>
  );
}

interface LeafProps {
  node: Extract<Node, { value: KeptValue }>;
  told: Told;
}

/** A value, what it is, and what it may be. */
function Leaf({ node, told: { draft, values, onPress } }: LeafProps) {
  const { value } = node;
  const isOpen = useSignal(false);
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => (isOpen.value ? closeOutside(place, isOpen) : undefined), [isOpen.value]);
  const path = pathWithin(draft.each, value.path);
  const meanings = path === null ? [] : meaningsOf(draft, path, value.value);
  const close = () => {
    isOpen.value = false;
    place.current?.querySelector<HTMLElement>(".leaf")?.focus();
  };
  return (
    <span class="choose" ref={place} onFocusOut={(event) => closeLeft(event, place.current, isOpen)}>
      <Name of={node} />
      {value.picture === undefined ? null : <KeptPicture href={value.picture.href} class="pic tiny" />}
      <button
        type="button"
        class="leaf"
        tabIndex={-1}
        aria-haspopup="dialog"
        aria-expanded={isOpen.value}
        data-named={meanings.length > 0 ? "" : undefined}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <BoxText text={shownValue(value)} />
      </button>
      {meanings.length === 0 ? null : (
        <span class="as">
          <Mark name="tick" />
          {meanings.join(" · ")}
        </span>
      )}
      {isOpen.value ? (
        <MeaningChoices
          value={value}
          path={path}
          draft={draft}
          here={pathsOf(values, draft)}
          onPress={onPress}
          onClose={close}
        />
      ) : null}
    </span>
  );
}

const pathsOf = (values: readonly KeptValue[], { each }: TaughtDraft) =>
  values.flatMap(({ path }) => pathWithin(each, path) ?? []);

function shownValue({ value, picture }: KeptValue): string {
  const w = teachWords.value;
  if (picture !== undefined) return w.picture(size(picture.bytes));
  return value === null || value === "" ? w.empty : String(value);
}

function meaningsOf(draft: TaughtDraft, path: string, value: KeptValue["value"]): string[] {
  const w = teachWords.value;
  const fact = factAt(draft, path);
  const highest = fact === "score" ? draft.fields.score?.of : undefined;
  const named = fact === null ? [] : [highest === undefined ? w.facts[fact] : w.of(w.facts[fact], highest)];
  const always = isAlways(draft, path, value) ? [w.isAlways] : [];
  const there = draft.when.has.includes(path) && named.length === 0 ? [w.isThere] : [];
  return [...named, ...always, ...there];
}
