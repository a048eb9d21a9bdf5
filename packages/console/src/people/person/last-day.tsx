import { useSignal } from "@preact/signals";
import { day as dayInWords } from "../../format/time.ts";
import { Button } from "../../parts/button.tsx";
import { FormDialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { serverTime } from "../../state/clock.ts";
import { attempt, notUndone } from "../../state/failure.ts";
import { noonOf, zonedDay } from "../../state/hours/zoned.ts";
import { sayUndoable } from "../../state/notice.ts";
import { isManager } from "../../state/role.ts";
import { gatepost } from "../../state/session.ts";
import { boxWords } from "../../words/boxes.ts";
import { labels } from "../../words/labels.ts";
import { peopleWords } from "../../words/people.ts";
import type { Person } from "./about.tsx";

interface LastDayProps {
  of: Person;
  zone: string;
  onChanged(): void;
}

const dateText = (day: string) => dayInWords(noonOf(day));

/** The last day of work of a person; a manager sets it, and takes it back. */
export function LastDay({ of, zone, onChanged }: LastDayProps) {
  const w = peopleWords.value;
  const isOpen = useSignal(false);
  const { leftOn } = of;
  return (
    <span class="line">
      {leftOn === null ? <span class="quiet">{w.lastDayNone}</span> : <bdi>{textOf(leftOn)}</bdi>}
      {isManager.value ? (
        <Button look="small" aria-label={w.lastDayChange} onClick={() => (isOpen.value = true)}>
          {boxWords.value.change}
        </Button>
      ) : null}
      {isOpen.value ? <Asked of={of} zone={zone} onChanged={onChanged} onClose={() => (isOpen.value = false)} /> : null}
    </span>
  );
}

function textOf({ day, by }: NonNullable<Person["leftOn"]>): string {
  return by.name === null ? dateText(day) : peopleWords.value.lastDayBy(dateText(day), by.name);
}

function Asked({ of, zone, onChanged, onClose }: LastDayProps & { onClose(): void }) {
  const w = peopleWords.value;
  const before = of.leftOn?.day ?? null;
  const day = useSignal(before ?? zonedDay(serverTime(), zone));
  const name = of.names[0] ?? of.id;
  const set = async (leftOn: string | null) => {
    const { library, id } = of;
    await gatepost().ask("PATCH /v1/people/{library}/{id}", { path: { library, id }, body: { leftOn } });
    onChanged();
  };
  const save = async (leftOn: string | null) => {
    await set(leftOn);
    const said = leftOn === null ? w.lastDayGone(name) : w.lastDayNow(name, dateText(leftOn));
    sayUndoable(said, () => attempt(() => set(before), notUndone));
  };
  const takeBack = () => {
    onClose();
    void attempt(() => save(null));
  };
  return (
    <FormDialog
      title={<bdi>{w.lastDayOf(name)}</bdi>}
      isReady={day.value !== "" && day.value !== before}
      onSend={() => save(day.value)}
      onClose={onClose}
      others={before === null ? null : <Button onClick={takeBack}>{w.lastDayTakeBack}</Button>}
    >
      <Field label={labels.value.leftOn} member="leftOn" of={day} type="date" required />
      <p class="note">{w.lastDayWhy}</p>
    </FormDialog>
  );
}
