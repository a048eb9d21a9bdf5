import type { Signal } from "@preact/signals";
import type { Reason } from "../state/live/acknowledging.ts";
import { words } from "../words/index.ts";

const reasons: readonly Reason[] = ["known", "let-in", "sent-away", "false-alarm"];
/** Characters of a note. */
const mostNote = 500;

/** The reasons that a user can give, of which none is chosen at first. */
export function Reasons({ chosen }: { chosen: Signal<Reason | null> }) {
  const { live: w } = words.value;
  return (
    <fieldset class="chips">
      <legend class="hide">{w.whatWasIt}</legend>
      {reasons.map((reason, at) => (
        <label key={reason} class="chip">
          <input
            type="radio"
            name="reason"
            class="hide"
            data-key={at + 1}
            checked={chosen.value === reason}
            onChange={() => (chosen.value = reason)}
          />
          {w.reasons[reason]} <kbd>{at + 1}</kbd>
        </label>
      ))}
    </fieldset>
  );
}

/** Chooses a reason by its number, unless the user is writing. */
export function chooseByKey({ key, target, currentTarget }: KeyboardEvent, chosen: Signal<Reason | null>): void {
  const isWriting = target instanceof HTMLElement && target.matches("textarea, input[type=text]");
  const reason = reasons[Number(key) - 1];
  if (reason === undefined || isWriting) return;
  chosen.value = reason;
  // The field behind the reasons is then the next one.
  if (currentTarget instanceof HTMLElement) currentTarget.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus();
}

/** The members of a field for a note. */
export function noteField(note: Signal<string>) {
  return {
    maxLength: mostNote,
    value: note.value,
    placeholder: words.value.live.noteExample,
    onInput({ currentTarget }: { currentTarget: { value: string } }) {
      note.value = currentTarget.value;
    },
  };
}
