import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { FieldFault, useFault } from "./form-faults.tsx";
import { Icon } from "./icon.tsx";

interface FieldProps {
  label: ComponentChildren;
  /** The typed text. */
  of: { value: string };
  /** The member of the request that it becomes: a refusal of it is said under the field. */
  member?: string;
  type?: "text" | "email" | "password" | "number" | "date" | "time" | "datetime-local" | "url";
  /** For ids, addresses and other codes. */
  look?: "mono";
  required?: boolean;
  readOnly?: boolean;
  /** What the browser may fill in. */
  autocomplete?: "name" | "username" | "current-password" | "new-password" | "one-time-code" | "off";
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number;
  placeholder?: string | undefined;
  inputMode?: "numeric";
  pattern?: string;
  /** The id of a list to choose from. */
  list?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
  /** Whether it has the focus when it appears. */
  hasFocus?: boolean;
}

/** One line that is typed, under its label. */
export function Field({ label, of, member, type = "text", look, hasFocus = false, ...rest }: FieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (hasFocus) input.current?.focus();
  }, []);
  const id = useId();
  const fault = useFault(member, input);
  return (
    <div class="choice">
      <label class="choice">
        {label}
        <input
          ref={input}
          class={look === undefined ? "field" : `field ${look}`}
          // Preact's declarations know an input of one type at a time.
          type={type as "text"}
          autocomplete={type === "password" ? "new-password" : "off"}
          {...rest}
          {...(fault === null
            ? {}
            : { "aria-invalid": true, "aria-describedby": [id, rest["aria-describedby"]].join(" ") })}
          value={of.value}
          onInput={({ currentTarget }) => (of.value = currentTarget.value)}
        />
      </label>
      <FieldFault id={id} text={fault} />
    </div>
  );
}

type NativeSelect = Pick<
  JSX.IntrinsicElements["select"],
  "ref" | "title" | "disabled" | "aria-label" | "aria-invalid" | "aria-describedby"
>;

interface SelectProps<Value extends string> extends NativeSelect {
  chosen: Value;
  choices: readonly (readonly [value: Value, word: string, language?: string])[];
  onChoose(value: Value): void;
}

/** One of a few, in a line that names it. */
export function Select<Value extends string>({ chosen, choices, onChoose, ...rest }: SelectProps<Value>) {
  return (
    <select
      class="field"
      {...rest}
      value={chosen}
      onChange={({ currentTarget }) => onChoose(choices[currentTarget.selectedIndex]?.[0] ?? chosen)}
    >
      {choices.map(([value, word, language]) => (
        <option key={value} value={value} lang={language}>
          {word}
        </option>
      ))}
    </select>
  );
}

interface ChoiceProps<Value extends string>
  extends Pick<SelectProps<Value>, "chosen" | "choices" | "disabled" | "onChoose"> {
  label: string;
  /** As of a field. */
  member?: string;
}

/** One of a few, under its label. */
export function Choice<Value extends string>({ label, member, ...rest }: ChoiceProps<Value>) {
  const select = useRef<HTMLSelectElement>(null);
  const id = useId();
  const fault = useFault(member, select);
  return (
    <div class="choice">
      <label class="choice">
        {label}
        <Select ref={select} {...(fault === null ? {} : { "aria-invalid": true, "aria-describedby": id })} {...rest} />
      </label>
      <FieldFault id={id} text={fault} />
    </div>
  );
}

interface CheckProps {
  label: ComponentChildren;
  /** What it does, under the label. */
  why?: string;
  /** The name of several of which one is so; without it, any can be. */
  oneOf?: string;
  isOn: boolean;
  disabled?: boolean;
  onChange(isOn: boolean): void;
}

/** Something that is so or not, before its label. */
export function Check({ label, why, oneOf, isOn, disabled, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type={oneOf === undefined ? "checkbox" : "radio"}
        name={oneOf}
        checked={isOn}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>
        {label}
        {why === undefined ? null : (
          <>
            <br />
            <span class="meta">{why}</span>
          </>
        )}
      </span>
    </label>
  );
}

type NativeSwitch = Omit<JSX.IntrinsicElements["input"], "class" | "type" | "role" | "checked">;

/** Something that is on or off at once, without a button that saves it. */
export function Switch({ isOn, ...rest }: NativeSwitch & { isOn: boolean }) {
  return <input class="switch" type="checkbox" role="switch" {...rest} checked={isOn} aria-checked={isOn} />;
}

/** A list with more items gets a field to find them. */
export const manyItems = 20;

interface FindProps {
  label: string;
  value: string;
  onFind(text: string): void;
}

/** Narrows a list by the typed text. */
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

/** Whether one of several texts contains the searched text, in any case. */
export function anyContains(texts: readonly (string | null | undefined)[], sought: string): boolean {
  const text = sought.trim().toLowerCase();
  return texts.some((one) => one?.toLowerCase().includes(text));
}
