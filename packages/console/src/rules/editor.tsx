import type { Rule } from "@gatepost/client";
import { shortMs } from "../format/number.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Check, Field } from "../parts/field.tsx";
import { attempt } from "../state/attempt.ts";
import type { Failure } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { AlertFields, ChannelField } from "./alert-fields.tsx";
import { type Draft, useDraft, wishOf } from "./draft.ts";
import { Tester } from "./tester.tsx";

interface EditorProps {
  /** Null: a new one. */
  rule: Rule | null;
  etag: string;
  isEditable: boolean;
  onChanged(): void;
}

/** One rule: its pattern is tried while it is typed. */
export function Editor({ rule, etag, isEditable, onChanged }: EditorProps) {
  const { rules: w } = words.value;
  const draft = useDraft(rule);
  const parsed = parse(draft.pattern.value);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (parsed.fault !== null) return;
    const path = { name: draft.name.value.trim() };
    const body = { pattern: parsed.value, target: wishOf(draft, rule) };
    await attempt(async () => {
      await gatepost().ask("PUT /v1/rules/{name}", { path, body, headers: { "if-match": etag } });
      say(w.saved);
    }, orConflict);
    onChanged();
  };
  return (
    <div class="two">
      <form class="stack" aria-labelledby="rule" onSubmit={(event) => void save(event)}>
        <h2 id="rule">
          <bdi>{rule?.name ?? w.new}</bdi>
        </h2>
        <Fields rule={rule} draft={draft} fault={parsed.fault} isEditable={isEditable} />
        {isEditable ? (
          <span class="line">
            <Button look="main" type="submit" disabled={parsed.fault !== null}>
              {w.save}
            </Button>
            {rule === null ? null : <Ping name={rule.name} />}
            {rule === null ? null : <Remove name={rule.name} etag={etag} onRemoved={onChanged} />}
            {draft.isChanged ? <span class="quiet">{w.unsaved}</span> : null}
          </span>
        ) : null}
      </form>
      <Tester pattern={parsed.value} />
    </div>
  );
}

interface FieldsProps {
  rule: Rule | null;
  draft: Draft;
  /** Why the pattern is no JSON. */
  fault: string | null;
  isEditable: boolean;
}

function Fields({ rule, draft, fault, isEditable }: FieldsProps) {
  const { name, pattern, type, url, allowPrivate } = draft;
  const { rules: w } = words.value;
  return (
    <>
      {rule === null ? <Field label={w.name} of={name} look="mono" required maxLength={64} /> : null}
      <label for="pattern">{w.pattern}</label>
      <textarea
        class="code"
        id="pattern"
        spellcheck={false}
        readOnly={!isEditable}
        aria-invalid={fault !== null}
        value={pattern.value}
        onInput={({ currentTarget }) => (pattern.value = currentTarget.value)}
      />
      {fault === null ? null : (
        <p class="note bad" role="alert">
          <bdi>{w.badJson(fault)}</bdi>
        </p>
      )}
      <ChannelField draft={draft} isEditable={isEditable} />
      <Field
        label={w.sentTo}
        of={url}
        type="url"
        look="mono"
        required
        placeholder={type.value === "" ? undefined : w.urls[type.value]}
        readOnly={!isEditable}
      />
      {rule?.target.isSigned === true && type.value === "" ? <p class="quiet">{w.signed}</p> : null}
      <AlertFields rule={rule} draft={draft} isEditable={isEditable} />
      <Check
        label={w.private}
        disabled={!isEditable}
        isOn={allowPrivate.value}
        onChange={(isOn) => (allowPrivate.value = isOn)}
      />
    </>
  );
}

function parse(text: string): { value: unknown; fault: string | null } {
  try {
    return { value: JSON.parse(text), fault: null };
  } catch (error) {
    return { value: null, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Another's change is a conflict, not a failure. */
const orConflict = ({ status, detail }: Failure) => (status === 412 ? words.value.rules.conflict : detail);

function Ping({ name }: { name: string }) {
  const { rules: w } = words.value;
  const ping = () =>
    attempt(async () => {
      const { status, ms, reason } = await gatepost().ask("POST /v1/rules/{name}/ping", { path: { name } });
      say(reason === null ? w.tested(String(status ?? "–"), shortMs(ms)) : w.testFailed(reason));
    });
  return (
    <Button icon="send" onClick={() => void ping()}>
      {w.test}
    </Button>
  );
}

function Remove({ name, etag, onRemoved }: { name: string; etag: string; onRemoved(): void }) {
  const { rules: w } = words.value;
  const remove = async () => {
    await attempt(
      () => gatepost().ask("DELETE /v1/rules/{name}", { path: { name }, headers: { "if-match": etag } }),
      orConflict,
    );
    onRemoved();
  };
  const title = <bdi>{w.removeTitle(name)}</bdi>;
  return <Confirm label={w.remove} look="bare" title={title} why={w.removeWhy} onConfirm={remove} />;
}
