import { useSignal } from "@preact/signals";
import { Check, Select } from "../parts/field.tsx";
import { clockForm } from "../parts/pages/clock-field.tsx";
import { ruleWords } from "../words/rules.ts";
import type { CardWithHours, MadeCard } from "./card.ts";

interface Props {
  card: CardWithHours;
  isEditable: boolean;
  onChange(card: MadeCard): void;
}

const sets = { everyDay: [1, 2, 3, 4, 5, 6, 7], workdays: [1, 2, 3, 4, 5], weekend: [6, 7] } as const;
const setNames = ["everyDay", "workdays", "weekend", "someDays"] as const;

/** The hours of a card, and the days on which they begin. */
export function Between({ card, isEditable, onChange }: Props) {
  const w = ruleWords.value;
  const { from, to, zone } = card;
  const isHere = zone === null || zone === Intl.DateTimeFormat().resolvedOptions().timeZone;
  const time = (label: string, value: string | null, set: (text: string | null) => void) => (
    <input
      class="field time"
      type="text"
      inputMode="numeric"
      pattern={clockForm.source}
      maxLength={5}
      placeholder="–"
      autocomplete="off"
      aria-label={`${w.between}: ${label}`}
      readOnly={!isEditable}
      value={value ?? ""}
      onInput={({ currentTarget }) => set(currentTarget.value === "" ? null : currentTarget.value)}
    />
  );
  return (
    <div class="row">
      <span>{w.between}</span>
      <div class="gap">
        <div class="line">
          {time(w.begins, from, (text) => onChange({ ...card, from: text }))}
          <span>{w.and}</span>
          {time(w.ends, to, (text) => onChange({ ...card, to: text }))}
          <Days card={card} isEditable={isEditable} onChange={onChange} />
        </div>
        {from === null && to === null ? <span class="meta">{w.wholeDay}</span> : null}
        {isHere ? null : <span class="meta">{w.onClocksOf(zone)}</span>}
      </div>
    </div>
  );
}

function Days({ card, isEditable, onChange }: Props) {
  const w = ruleWords.value;
  const isChoosing = useSignal(false);
  const { weekdays } = card;
  const named = setNames.find((name) => name !== "someDays" && sets[name].join() === weekdays.join());
  const chosen = isChoosing.value || named === undefined ? "someDays" : named;
  const choose = (name: (typeof setNames)[number]) => {
    isChoosing.value = name === "someDays";
    if (name !== "someDays") onChange({ ...card, weekdays: [...sets[name]] });
  };
  const toggle = (day: number) => {
    const others = weekdays.filter((one) => one !== day);
    onChange({ ...card, weekdays: weekdays.includes(day) ? others : [...others, day].sort() });
  };
  return (
    <>
      <Select
        aria-label={w.days}
        disabled={!isEditable}
        chosen={chosen}
        choices={setNames.map((name) => [name, w[name]] as const)}
        onChoose={choose}
      />
      {chosen === "someDays" ? (
        <span class="line days">
          {sets.everyDay.map((day) => (
            <Check
              key={day}
              label={w.weekdays[day - 1]}
              isOn={weekdays.includes(day)}
              disabled={!isEditable}
              onChange={() => toggle(day)}
            />
          ))}
        </span>
      ) : null}
    </>
  );
}
