import { useSignal } from "@preact/signals";
import { attempt } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { sayUndoable } from "../state/notice.ts";
import {
  addressHere,
  hasViews,
  lastView,
  mayChange,
  moveView,
  removeView,
  saveView,
  type View,
  viewHere,
} from "../state/views.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { later } from "./later.tsx";

const SaveView = later(async () => (await import("./save-view.tsx")).SaveView);

/** Beside filters that are set: saves them as a view, changes the view that was opened, or removes the shown one. */
export function ViewButtons() {
  const { views: w } = words.value;
  const isAsked = useSignal(false);
  const remove = useOnce((view: View) => attempt(() => removed(view)));
  const update = useOnce((view: View) => attempt(() => updated(view)));
  if (!hasViews.value) return null;
  const [here, last] = [viewHere.value, lastView.value];
  if (here !== null) {
    return mayChange(here) ? (
      <Button look="small bare" onClick={() => void remove(here)}>
        {w.remove}
      </Button>
    ) : null;
  }
  return (
    <>
      {last !== null && mayChange(last) ? (
        <Button look="small bare" onClick={() => void update(last)}>
          <bdi>{w.update(last.name)}</bdi>
        </Button>
      ) : null}
      <Button look="small bare" aria-haspopup="dialog" onClick={() => (isAsked.value = true)}>
        {w.save}
      </Button>
      {isAsked.value ? <SaveView onClose={() => (isAsked.value = false)} /> : null}
    </>
  );
}

async function removed(view: View): Promise<void> {
  await removeView(view);
  const { name, address, isForEverybody } = view;
  sayUndoable(words.peek().views.removed(name), () => attempt(() => saveView({ name, address, isForEverybody })));
}

async function updated(view: View): Promise<void> {
  await moveView(view, addressHere.peek());
  sayUndoable(words.peek().views.updated(view.name), () => attempt(() => moveView(view, view.address)));
}
