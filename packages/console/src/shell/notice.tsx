import { useSignal } from "@preact/signals";
import { here } from "../state/clock.ts";
import { type Choices, notice, takeFurther, undoShown } from "../state/notice.ts";
import { words } from "../words/index.ts";

/** One sentence at the foot of the page, for a while, and the way to take back what it says. */
export function Notice() {
  const shown = notice.value;
  return (
    <div class="notice-place" role="status">
      {shown === null ? null : (
        <p class={shown.undo === null ? "notice" : "notice toast"}>
          <bdi>{shown.text}</bdi>
          {shown.undo === null ? null : <Undo until={shown.undo.until} />}
          {shown.further === null ? null : (
            <button type="button" onClick={takeFurther}>
              {shown.further.label}
            </button>
          )}
          {shown.choices === null ? null : <Chosen key={shown.undo?.until} of={shown.choices} />}
        </p>
      )}
    </div>
  );
}

/** The seconds are counted for the eye alone. */
function Undo({ until }: { until: number }) {
  const seconds = Math.min(10, Math.max(0, Math.ceil((until - here.value) / 1000)));
  return (
    <button type="button" onClick={undoShown}>
      {words.value.undo} <b aria-hidden="true">{seconds}</b> <kbd>U</kbd>
    </button>
  );
}

function Chosen({ of: choices }: { of: Choices }) {
  const chosen = useSignal<string | null>(null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be in a line of text.
    <span class="toast-choices" role="group" aria-label={choices.label}>
      {choices.of.map(({ text, choose }) => (
        <button
          key={text}
          type="button"
          aria-pressed={chosen.value === text}
          onClick={() => {
            chosen.value = text;
            choose();
          }}
        >
          {text}
        </button>
      ))}
    </span>
  );
}
