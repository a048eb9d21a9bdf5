import type { ComponentChildren } from "preact";
import { Field } from "../field.tsx";

/** A time of day as it is typed, as `08:25`. */
export const clockForm = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

interface ClockFieldProps {
  label: ComponentChildren;
  of: { value: string };
  member?: string;
  required?: boolean;
}

/** A time of day under its label: in 24 hours, as all times of the console are. */
export function ClockField(props: ClockFieldProps) {
  return <Field inputMode="numeric" pattern={clockForm.source} maxLength={5} placeholder="–" {...props} />;
}
