import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clockTime, weekday } from "../format/time.ts";
import { Icon } from "../parts/icon.tsx";
import { Popover } from "../parts/popover.tsx";
import { teachWords } from "../words/teach.ts";
import {
  type FactName,
  factAt,
  factNames,
  isAlways,
  isFact,
  type Press,
  type TaughtDraft,
  type TimeLayout,
} from "./draft.ts";
import type { KeptValue } from "./tree.ts";

interface ChoicesProps {
  value: KeptValue;
  /** As the mapping names it; null for a value beside its list. */
  path: string | null;
  draft: TaughtDraft;
  /** All paths of the report. */
  here: readonly string[];
  onPress(press: Press): void;
  onClose(): void;
}

interface Choice {
  fact: FactName;
  as?: TimeLayout;
  of?: number;
  time?: string;
}

/** Facts before the others: more are no help to choose. */
const mostLikely = 4;

/** What a value may be, the likeliest first, and whether it is a condition. */
export function MeaningChoices({ value, path, draft, here, onPress, onClose }: ChoicesProps) {
  const w = teachWords.value;
  const list = useRef<HTMLUListElement>(null);
  const areAllShown = useSignal(false);
  useEffect(() => list.current?.closest("dialog")?.scrollIntoView({ block: "nearest" }), []);
  const likely: Choice[] = value.may.flatMap(({ field, ...may }) => (isFact(field) ? [{ fact: field, ...may }] : []));
  const first = likely.slice(0, mostLikely);
  const unlikely = factNames
    .filter((fact) => !likely.some((one) => one.fact === fact))
    .map((fact) => choiceOf(fact, value));
  const others = [...likely.slice(mostLikely), ...unlikely];
  // The button that was pressed is gone: the facts behind it begin in its place.
  const showAll = () => {
    const at = list.current?.querySelectorAll("button").length ?? 0;
    areAllShown.value = true;
    requestAnimationFrame(() => list.current?.querySelectorAll("button")[at - 1]?.focus());
  };
  const choose = (press: Press) => {
    onPress(press);
    onClose();
  };
  const shown = String(value.value ?? "");
  return (
    <Popover name={w.whatIs(value.path)} onClose={onClose}>
      {path === null ? (
        <>
          <p>{w.beside}</p>
          <ul class="menu">
            <Item text={w.nothing} isOn onChoose={onClose} />
          </ul>
        </>
      ) : (
        <ul class="menu" ref={list} onKeyDown={moveInMenu}>
          {first.map((choice) => (
            <Fact key={choice.fact} of={choice} path={path} draft={draft} here={here} onChoose={choose} />
          ))}
          <Item text={w.nothing} isOn={factAt(draft, path) === null} onChoose={() => choose({ press: "none", path })} />
          {value.value === null || value.picture !== undefined || value.isCut === true ? null : (
            <Item
              text={<bdi>{w.always(shown)}</bdi>}
              isOn={isAlways(draft, path, value.value)}
              onChoose={() => choose({ press: "always", path, value: value.value ?? "" })}
            />
          )}
          <Item text={w.there} isOn={draft.when.has.includes(path)} onChoose={() => choose({ press: "there", path })} />
          {areAllShown.value ? null : <Item text={w.others} isOn={false} onChoose={showAll} />}
          {areAllShown.value
            ? others.map((choice) => (
                <Fact key={choice.fact} of={choice} path={path} draft={draft} here={here} onChoose={choose} />
              ))
            : null}
        </ul>
      )}
    </Popover>
  );
}

/** A fact that a value does not look like. A match has a highest value. */
function choiceOf(fact: FactName, { value }: KeptValue): Choice {
  return fact === "score" ? { fact, of: Number(value) <= 1 ? 1 : 100 } : { fact };
}

interface FactProps extends Pick<ChoicesProps, "draft" | "here"> {
  of: Choice;
  path: string;
  onChoose(press: Press): void;
}

function Fact({ of: { fact, as, of, time }, path, draft, here, onChoose }: FactProps) {
  const w = teachWords.value;
  const moment = time === undefined ? null : `${weekday(time)} ${clockTime(time)}`;
  return (
    <Item
      text={of === undefined ? w.facts[fact] : w.of(w.facts[fact], of)}
      about={moment === null ? null : as === undefined || as === "auto" ? moment : w.byBox(moment)}
      isOn={factAt(draft, path) === fact}
      onChoose={() =>
        onChoose({
          press: "name",
          path,
          fact,
          here,
          ...(as === undefined ? {} : { as }),
          ...(of === undefined ? {} : { of }),
        })
      }
    />
  );
}

interface ItemProps {
  text: preact.ComponentChildren;
  about?: string | null;
  isOn: boolean;
  onChoose(): void;
}

function Item({ text, about = null, isOn, onChoose }: ItemProps) {
  return (
    <li>
      <button type="button" aria-pressed={isOn} onClick={onChoose}>
        <span>{text}</span>
        {about === null ? null : <span class="quiet">{about}</span>}
        {isOn ? <Icon name="check" /> : null}
      </button>
    </li>
  );
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

function moveInMenu(event: KeyboardEvent): void {
  const { key, currentTarget, target } = event;
  if (!(currentTarget instanceof HTMLElement)) return;
  const buttons = [...currentTarget.querySelectorAll("button")];
  const by = steps[key];
  const at = target instanceof HTMLButtonElement ? buttons.indexOf(target) : -1;
  const to = key === "Home" ? 0 : key === "End" ? -1 : by === undefined ? null : (at + by) % buttons.length;
  if (to === null) return;
  buttons.at(to)?.focus();
  event.preventDefault();
}
