import { here } from "../state/clock.ts";
import { notice, takeFurther, undoShown } from "../state/notice.ts";
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
