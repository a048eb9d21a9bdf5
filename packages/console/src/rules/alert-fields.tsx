import type { Rule } from "@gatepost/client";
import type { Signal } from "@preact/signals";
import { words } from "../words/index.ts";
import { type Channel, channels, type Draft, hasRecipients } from "./draft.ts";

interface Props {
  rule: Rule | null;
  draft: Draft;
  isEditable: boolean;
}

/** Whom a rule tells: a program, or people over a channel. */
export function ChannelField({ draft: { type }, isEditable }: Omit<Props, "rule">) {
  const { rules: w } = words.value;
  return (
    <label class="choice">
      {w.tells}
      <select
        class="field"
        disabled={!isEditable}
        value={type.value}
        onChange={({ currentTarget }) => (type.value = currentTarget.value as Channel | "")}
      >
        <option value="">{w.program}</option>
        {channels.map((name) => (
          <option key={name} value={name}>
            {w.channels[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What an alert has beside its address. A secret is only ever written. */
export function AlertFields({ rule, draft, isEditable }: Props) {
  const { rules: w } = words.value;
  const type = draft.type.value;
  if (type === "") return null;
  const { secret, to, template, cooldown, quietFrom, quietTo, quietZone } = draft;
  return (
    <>
      {type === "wecom" ? null : (
        <Field
          label={w.secret}
          signal={secret}
          type="password"
          isEditable={isEditable}
          hint={rule?.target.isSigned === true ? w.secretHeld : undefined}
        />
      )}
      {hasRecipients(type) ? (
        <Field label={type === "email" ? w.to : w.topic} signal={to} isEditable={isEditable} />
      ) : null}
      <label class="gap">
        {w.template}
        <textarea
          class="field mono"
          rows={4}
          maxLength={2000}
          placeholder="zh"
          readOnly={!isEditable}
          value={template.value}
          onInput={({ currentTarget }) => (template.value = currentTarget.value)}
        />
      </label>
      <p class="quiet">
        <code class="mono">{w.templateHint}</code>
      </p>
      <Field label={w.cooldown} signal={cooldown} type="number" isEditable={isEditable} hint="300" />
      <fieldset class="line quiet-hours">
        <legend>{w.quiet}</legend>
        <Field label={w.quietFrom} signal={quietFrom} type="time" isEditable={isEditable} />
        <Field label={w.quietTo} signal={quietTo} type="time" isEditable={isEditable} />
        <Field label={w.quietZone} signal={quietZone} isEditable={isEditable} />
      </fieldset>
    </>
  );
}

interface FieldProps {
  label: string;
  signal: Signal<string>;
  type?: "text" | "password" | "number" | "time";
  hint?: string | undefined;
  isEditable: boolean;
}

function Field({ label, signal, type = "text", hint, isEditable }: FieldProps) {
  return (
    <label class="choice">
      {label}
      <input
        class="field mono"
        // Preact's declarations know an input of one type at a time.
        type={type as "text"}
        autocomplete={type === "password" ? "new-password" : "off"}
        {...(type === "number" ? { min: 0, max: 86_400 } : {})}
        placeholder={hint}
        readOnly={!isEditable}
        value={signal.value}
        onInput={({ currentTarget }) => (signal.value = currentTarget.value)}
      />
    </label>
  );
}
