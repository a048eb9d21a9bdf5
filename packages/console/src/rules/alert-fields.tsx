import type { Rule } from "@gatepost/client";
import { Choice, Field } from "../parts/field.tsx";
import { words } from "../words/index.ts";
import { channels, type Draft, hasRecipients } from "./draft.ts";

interface Props {
  rule: Rule | null;
  draft: Draft;
  isEditable: boolean;
}

/** Whom a rule tells: a program, or people over a channel. */
export function ChannelField({ draft: { type }, isEditable }: Omit<Props, "rule">) {
  const { rules: w } = words.value;
  return (
    <Choice
      label={w.tells}
      disabled={!isEditable}
      chosen={type.value}
      choices={[["", w.program], ...channels.map((name) => [name, w.channels[name]] as const)]}
      onChoose={(chosen) => (type.value = chosen)}
    />
  );
}

/** What an alert has beside its address. A secret is only ever written. */
export function AlertFields({ rule, draft, isEditable }: Props) {
  const { rules: w } = words.value;
  const type = draft.type.value;
  if (type === "") return null;
  const { secret, to, template, cooldown, quietFrom, quietTo, quietZone } = draft;
  const shared = { look: "mono", readOnly: !isEditable } as const;
  return (
    <>
      {type === "wecom" ? null : (
        <Field
          label={w.secret}
          of={secret}
          type="password"
          {...shared}
          placeholder={rule?.target.isSigned === true ? w.secretHeld : undefined}
        />
      )}
      {hasRecipients(type) ? <Field label={type === "email" ? w.to : w.topic} of={to} {...shared} /> : null}
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
      <Field label={w.cooldown} of={cooldown} type="number" {...shared} min={0} max={86_400} placeholder="300" />
      <fieldset class="line quiet-hours">
        <legend>{w.quiet}</legend>
        <Field label={w.quietFrom} of={quietFrom} type="time" {...shared} />
        <Field label={w.quietTo} of={quietTo} type="time" {...shared} />
        <Field label={w.quietZone} of={quietZone} {...shared} />
      </fieldset>
    </>
  );
}
