import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** A list with more items gets a field to find them. */
export const manyItems = 20;

interface FindProps {
  label: string;
  value: string;
  onFind(text: string): void;
}

/** Narrows a list by what is typed. */
export function Find({ label, value, onFind }: FindProps) {
  const id = useId();
  return (
    <search class="find">
      <Icon name="events" />
      <label class="hide" for={id}>
        {label}
      </label>
      <input
        class="field"
        id={id}
        type="search"
        value={value}
        placeholder={label}
        maxLength={64}
        autocomplete="off"
        onInput={({ currentTarget }) => onFind(currentTarget.value)}
      />
    </search>
  );
}

/** Whether any of some texts contains what is looked for, whatever the case of its letters. */
export function anyContains(texts: readonly (string | null | undefined)[], sought: string): boolean {
  const text = sought.trim().toLowerCase();
  return texts.some((one) => one?.toLowerCase().includes(text));
}
