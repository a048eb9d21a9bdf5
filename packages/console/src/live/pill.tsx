import { signal } from "@preact/signals";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/index.ts";

/** Shows what waits, where a list holds something back: also by the key `.`. */
export const showNew = signal<(() => void) | null>(null);

export function Pill({ count }: { count: number }) {
  return (
    <div aria-live="polite" class="pill-place">
      {count === 0 ? null : (
        <button class="pill" type="button" onClick={() => showNew.value?.()}>
          <Icon name="up" />
          {words.value.live.fresh(count)} <kbd>.</kbd>
        </button>
      )}
    </div>
  );
}
