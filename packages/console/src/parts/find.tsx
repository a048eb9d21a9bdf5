import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** A list of more than so many can be looked through. */
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

/** Whether any of some texts holds what is looked for, in whatever case. */
export function holds(texts: readonly (string | null | undefined)[], sought: string): boolean {
  const text = sought.trim().toLowerCase();
  return texts.some((one) => one?.toLowerCase().includes(text));
}
