import type { Rule } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Check, Field } from "../parts/field.tsx";
import { words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";
import type { Card } from "./card.ts";
import type { Draft } from "./draft.ts";

interface Props {
  rule: Rule | null;
  draft: Draft;
  card: Card;
  /** The pattern that the sentences make; null until the server has answered. */
  made: unknown;
  /** The name that a new rule gets if none is typed; empty if one is needed. */
  usualName: string;
  /** Why the pattern is no JSON. */
  fault: string | null;
  isEditable: boolean;
}

/** What no sentence says: the pattern as JSON, the name, texts, quiet hours, the private network. */
export function Advanced({ card, ...props }: Props) {
  const isOpen = useSignal(card.kind === "own");
  return (
    <details
      class="advanced"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>{ruleWords.value.advanced}</summary>
      <div class="body stack">
        <Fields {...props} />
      </div>
    </details>
  );
}

function Fields({ rule, draft, made, usualName, fault, isEditable }: Omit<Props, "card">) {
  const { name, typed, type, allowPrivate, secret } = draft;
  const { rules: w } = words.value;
  return (
    <>
      {rule === null ? (
        <Field
          label={w.name}
          of={name}
          look="mono"
          required={usualName === ""}
          maxLength={64}
          placeholder={usualName === "" ? undefined : usualName}
        />
      ) : null}
      <label for="pattern">{w.pattern}</label>
      <textarea
        class="code"
        id="pattern"
        spellcheck={false}
        readOnly={!isEditable}
        aria-invalid={fault !== null}
        value={typed.value ?? (made === undefined ? "" : JSON.stringify(made, null, 2))}
        onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
      />
      {typed.value === null ? <p class="quiet">{ruleWords.value.fromCard}</p> : null}
      {fault === null ? null : (
        <p class="note bad" role="alert">
          <bdi>{w.badJson(fault)}</bdi>
        </p>
      )}
      {rule?.target.isSigned === true && type.value === "" ? <p class="quiet">{w.signed}</p> : null}
      {type.value === "" ? (
        <Field
          label={w.secret}
          of={secret}
          type="password"
          look="mono"
          readOnly={!isEditable}
          placeholder={rule?.target.isSigned === true ? w.secretHeld : undefined}
        />
      ) : null}
      {type.value !== "" ? <AlertFields draft={draft} isEditable={isEditable} /> : null}
      <Check
        label={w.private}
        disabled={!isEditable}
        isOn={allowPrivate.value}
        onChange={(isOn) => (allowPrivate.value = isOn)}
      />
    </>
  );
}

function AlertFields({ draft, isEditable }: Pick<Props, "draft" | "isEditable">) {
  const { rules: w } = words.value;
  const { template, quietFrom, quietTo, quietZone } = draft;
  const shared = { look: "mono", readOnly: !isEditable } as const;
  return (
    <>
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
      <fieldset class="line quiet-hours">
        <legend>{w.quiet}</legend>
        <Field label={w.quietFrom} of={quietFrom} type="time" {...shared} />
        <Field label={w.quietTo} of={quietTo} type="time" {...shared} />
        <Field label={w.quietZone} of={quietZone} {...shared} />
      </fieldset>
    </>
  );
}
