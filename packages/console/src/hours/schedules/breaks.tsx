import type { Signal } from "@preact/signals";
import { Button, IconButton } from "../../parts/button.tsx";
import { Field } from "../../parts/field.tsx";
import { ClockField } from "../../parts/pages/clock-field.tsx";
import { scheduleWords } from "../../words/schedules.ts";
import type { TypedBreak } from "./draft.ts";

const mostBreaks = 10;
const fresh: readonly TypedBreak[] = [
  { is: "at", texts: ["12:00", "13:00"] },
  { is: "long", texts: ["30", "360"] },
];

/** The breaks of a schedule: each at a time, or of so many minutes. */
export function Breaks({ of }: { of: Signal<readonly TypedBreak[]> }) {
  const w = scheduleWords.value;
  return (
    <fieldset class="wide">
      <legend>{w.breaks}</legend>
      {of.value.map((_, at) => (
        <Row key={at} of={of} at={at} />
      ))}
      <span class="line">
        {fresh.map((one) => (
          <Button
            key={one.is}
            look="small"
            disabled={of.value.length >= mostBreaks}
            onClick={() => (of.value = [...of.value, one])}
          >
            {w.addBreak[one.is]}
          </Button>
        ))}
      </span>
    </fieldset>
  );
}

function Row({ of, at }: { of: Signal<readonly TypedBreak[]>; at: number }) {
  const w = scheduleWords.value;
  const text = (place: 0 | 1) => ({
    get value() {
      return of.value[at]?.texts[place] ?? "";
    },
    set value(typed: string) {
      of.value = of.value.map((one, n) => {
        const [first, last] = one.texts;
        return n === at ? { ...one, texts: place === 0 ? [typed, last] : [first, typed] } : one;
      });
    },
  });
  const label = (name: string) => <span class="hide">{`${w.breakOf(at + 1)}: ${name}`}</span>;
  const remove = (
    <IconButton
      icon="x"
      look="bare"
      label={w.removeBreak(at + 1)}
      onClick={() => (of.value = of.value.filter((_, n) => n !== at))}
    />
  );
  if (of.value[at]?.is === "at") {
    return (
      <div class="break-row">
        <ClockField label={label(w.begins)} of={text(0)} required />
        <span aria-hidden="true">–</span>
        <ClockField label={label(w.ends)} of={text(1)} required />
        {remove}
      </div>
    );
  }
  return (
    <div class="break-row">
      <Field label={label(w.breakMinutes)} of={text(0)} type="number" min={1} max={720} required />
      <span aria-hidden="true">{w.breakAfter}</span>
      <Field label={label(w.breakAfterMinutes)} of={text(1)} type="number" min={0} max={2160} required />
      {remove}
    </div>
  );
}
