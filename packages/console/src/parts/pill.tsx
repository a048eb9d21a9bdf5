import { useLayoutEffect } from "preact/hooks";
import { words } from "../words/index.ts";
import { Icon } from "./icon.tsx";

let onShown: (() => void) | null = null;

/** Shows the waiting events of a list that is held: for the key `.`. Null if none wait. */
export const showNew = (): unknown => (onShown === null ? null : onShown());

interface PillProps {
  count: number;
  /** Null: the list shows all there is, and the key does nothing. */
  onShow: (() => void) | null;
}

export function Pill({ count, onShow }: PillProps) {
  // Not after painting: the pill of a list that is left would take away what this one has set.
  useLayoutEffect(() => {
    onShown = onShow;
    return () => {
      onShown = null;
    };
  });
  return (
    <div aria-live="polite" class="pill-place">
      {count === 0 ? null : (
        <button class="pill" type="button" onClick={onShow ?? undefined}>
          <Icon name="up" />
          {words.value.live.fresh(count)} <kbd>.</kbd>
        </button>
      )}
    </div>
  );
}
