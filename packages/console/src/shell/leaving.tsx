import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { leave, leaving, stay } from "../state/unsaved.ts";
import { words } from "../words/index.ts";

/** Asks whether unsaved changes may be dropped. */
export function Leaving() {
  const { leaving: w } = words.value;
  const asked = leaving.value;
  if (asked === null) return null;
  // A dialogue for each question: one that has closed does not open again.
  return (
    <Dialog key={asked} title={w.title} onClose={stay}>
      <p>{w.why}</p>
      <span class="line">
        <Button look="main" onClick={stay}>
          {w.stay}
        </Button>
        <Button look="risk" onClick={leave}>
          {w.leave}
        </Button>
      </span>
    </Dialog>
  );
}
