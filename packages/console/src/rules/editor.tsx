import type { Rule } from "@gatepost/client";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Check, Field } from "../parts/field.tsx";
import { attempt } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { noteUnsaved } from "../state/unsaved.ts";
import { words } from "../words/index.ts";
import { AlertFields, ChannelField } from "./alert-fields.tsx";
import { orConflict, Ping, Remove } from "./buttons.tsx";
import { type Draft, useDraft, wishOf } from "./draft.ts";
import { Tester } from "./tester.tsx";

interface EditorProps {
  /** Null: a new one. */
  rule: Rule | null;
  etag: string;
  isEditable: boolean;
  /** Names that another rule has. */
  taken: readonly string[];
  /** Asks for the rules again, and shows one of them, or the first where it is null. */
  onChanged(shown?: string | null): void;
}

/** One rule: its pattern is tried while it is typed. */
export function Editor({ rule, etag, isEditable, taken, onChanged }: EditorProps) {
  const { rules: w } = words.value;
  const draft = useDraft(rule);
  /** The draft that was saved and is not loaded again yet; null if there is none. */
  const written = useRef<string | null>(null);
  const typed = useRef(draft.text);
  typed.current = draft.text;
  const parsed = parse(draft.pattern.value);
  const name = draft.name.value.trim();
  const isTaken = rule === null && taken.includes(name);
  const isReady = parsed.fault === null && !isTaken;
  const save = useOnce(async () => {
    const body = { pattern: parsed.value, target: wishOf(draft, rule) };
    const sent = draft.text;
    const saved = await attempt(async () => {
      await gatepost().ask("PUT /v1/rules/{name}", { path: { name }, body, headers: { "if-match": etag } });
      say(w.saved);
      // Later changes stay, and the page asks before the user leaves them.
      if (typed.current !== sent) return null;
      written.current = sent;
      noteUnsaved(false);
      return name;
    }, orConflict);
    onChanged(saved ?? undefined);
  });
  useEffect(() => {
    if (written.current === draft.text) draft.reset();
    written.current = null;
  }, [etag]);
  // Not after painting: a user who leaves at once is asked, too, and the end of another rule's form clears nothing of
  // this one.
  useLayoutEffect(() => noteUnsaved(draft.isChanged && isEditable && written.current !== draft.text));
  useLayoutEffect(() => () => noteUnsaved(false), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isReady) void save();
  };
  return (
    <div class="two">
      <form class="stack" aria-labelledby="rule" onSubmit={submit}>
        <h2 id="rule">
          <bdi>{rule?.name ?? w.new}</bdi>
        </h2>
        <Fields rule={rule} draft={draft} fault={parsed.fault} isTaken={isTaken} isEditable={isEditable} />
        {isEditable ? (
          <span class="line">
            <Button look="main" type="submit" disabled={!isReady}>
              {w.save}
            </Button>
            {rule === null ? null : <Ping name={rule.name} />}
            {rule === null ? null : (
              <Remove name={rule.name} etag={etag} onRemoved={() => onChanged(null)} onRefused={onChanged} />
            )}
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
  /** Whether a new rule has the name of another. */
  isTaken: boolean;
  isEditable: boolean;
}

function Fields({ rule, draft, fault, isTaken, isEditable }: FieldsProps) {
  const { name, pattern, type, url, allowPrivate } = draft;
  const { rules: w } = words.value;
  return (
    <>
      {rule === null ? <Field label={w.name} of={name} look="mono" required maxLength={64} /> : null}
      {isTaken ? (
        <p class="note bad" role="alert">
          {w.taken}
        </p>
      ) : null}
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
