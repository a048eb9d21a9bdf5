import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type Period, periods } from "../../state/days.ts";
import { words } from "../../words/index.ts";
import { Button, IconButton } from "../button.tsx";
import { Item, Opener } from "../popover.tsx";

interface NudgeProps {
  /** The shown period, in words. */
  text: string;
  /** The shown day and the last one that can be chosen, as `2026-11-16`. */
  day: string;
  last: string;
  canStep(by: 1 | -1): boolean;
  onStep(by: 1 | -1): void;
  /** Shows a day; today if it is null. */
  onChoose(day: string | null): void;
  /** More about the period, behind it. */
  children?: ComponentChildren;
}

/** A period with the ways to the one before and after, and to any day. */
export function Nudge({ text, day, last, canStep, onStep, onChoose, children }: NudgeProps) {
  const { nudge: w } = words.value;
  const button = (icon: "left" | "next", by: 1 | -1, label: string) => (
    <IconButton icon={icon} label={label} disabled={!canStep(by)} onClick={() => onStep(by)} />
  );
  return (
    <span class="nudge">
      {button("left", -1, w.before)}
      <span class="when">
        <Opener label={`${w.choose}: ${text}`} text={text} icon="down">
          {(close) => (
            <DayChoice
              day={day}
              last={last}
              onChoose={(chosen) => {
                onChoose(chosen);
                close();
              }}
            />
          )}
        </Opener>
        {children}
      </span>
      {button("next", 1, w.after)}
    </span>
  );
}

function DayChoice({ day, last, onChoose }: Pick<NudgeProps, "day" | "last" | "onChoose">) {
  const { nudge: w } = words.value;
  const id = useId();
  const submit = ({ currentTarget }: { currentTarget: HTMLFormElement }) => {
    const chosen = String(new FormData(currentTarget).get("at") ?? "");
    onChoose(chosen === "" ? null : chosen);
  };
  return (
    <>
      <ul class="choices">
        <Item text={w.today} onChoose={() => onChoose(null)} />
      </ul>
      <form class="form" onSubmit={submit}>
        <label for={id}>{w.day}</label>
        <input class="field" id={id} name="at" type="date" min="2000-01-01" max={last} defaultValue={day} />
        <Button look="main" type="submit">
          {w.show}
        </Button>
      </form>
    </>
  );
}

interface SegmentsProps<Name extends string> {
  label: string;
  chosen: Name;
  choices: readonly (readonly [name: Name, word: string])[];
  onChoose(name: Name): void;
}

/** The length of the shown period. */
export function PeriodChoice({ chosen, onChoose }: Pick<SegmentsProps<Period>, "chosen" | "onChoose">) {
  const { periods: w } = words.value;
  return (
    <Segments
      label={w.label}
      chosen={chosen}
      choices={periods.map((name) => [name, w[name]] as const)}
      onChoose={onChoose}
    />
  );
}

/** One of a few ways to look at a page. */
function Segments<Name extends string>({ label, chosen, choices, onChoose }: SegmentsProps<Name>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons.
    <span class="seg" role="group" aria-label={label}>
      {choices.map(([name, word]) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => onChoose(name)}>
          {word}
        </button>
      ))}
    </span>
  );
}
