import type { ComponentChildren } from "preact";
import { words } from "../words/index.ts";
import { IconButton } from "./button.tsx";

interface ManyProps {
  count: number;
  onClear(): void;
  /** Takes all of the list, not only the drawn ones; null if there are no more. */
  all?: ComponentChildren;
  children: ComponentChildren;
}

/** The bar at the foot of a list, with the acts on the chosen rows. It keeps its height free below the list. */
export function Many({ count, onClear, all, children }: ManyProps) {
  const { many: w } = words.value;
  return (
    <div class="many sideways" role="toolbar" aria-label={w.label}>
      <b role="status">{w.selected(count)}</b>
      {all}
      <span class="line end">
        {children}
        <IconButton icon="x" label={w.clear} look="bare" data-key="Escape" onClick={onClear} />
      </span>
    </div>
  );
}

interface TickProps {
  what: string;
  isOn: boolean;
  disabled?: boolean;
  /** @param isRange whether all rows from the one that was chosen last are meant */
  onToggle(isRange: boolean): void;
}

/** The box by which a row is chosen; with Shift, all rows from the last one. */
export function Tick({ what, isOn, disabled = false, onToggle }: TickProps) {
  return (
    <input
      type="checkbox"
      class="tick"
      aria-label={words.value.many.select(what)}
      checked={isOn}
      disabled={disabled}
      onClick={({ shiftKey }) => onToggle(shiftKey)}
    />
  );
}
