import type { ComponentChildren } from "preact";

/** A time of day as it is typed, as `08:25`. */
export const clockForm = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** A time of day under its label: in 24 hours, as all times of the console are. */
export function ClockField({
  label,
  of,
  required = false,
}: {
  label: ComponentChildren;
  of: { value: string };
  required?: boolean;
}) {
  return (
    <label class="choice">
      {label}
      <input
        class="field"
        type="text"
        inputMode="numeric"
        pattern={clockForm.source}
        maxLength={5}
        placeholder="–"
        autocomplete="off"
        required={required}
        value={of.value}
        onInput={({ currentTarget }) => (of.value = currentTarget.value)}
      />
    </label>
  );
}
