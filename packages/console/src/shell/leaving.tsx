import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { leave, leaving, stay } from "../state/unsaved.ts";
import { words } from "../words/index.ts";

/** Asks whether what was written and not saved may go. */
export function Leaving() {
  const { leaving: w } = words.value;
  if (leaving.value === null) return null;
  return (
    <Dialog title={w.title} onClose={stay}>
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
