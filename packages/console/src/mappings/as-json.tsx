import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { useSending } from "../parts/form-faults.tsx";
import { Said } from "../parts/text.tsx";
import { say } from "../state/notice.ts";
import { goInstead } from "../state/route.ts";
import { words } from "../words/index.ts";
import { teachWords } from "../words/teach.ts";
import type { BegunTeaching } from "./begin.ts";
import { type TaughtDraft, taughtDraft } from "./draft.ts";
import { write } from "./foot.tsx";

/** A mapping without a kept report: its JSON, to be changed as text. */
export function AsJson({ draft, stored }: { draft: TaughtDraft; stored: BegunTeaching["stored"] }) {
  const w = teachWords.value;
  const text = useSignal(JSON.stringify(draft, null, 2));
  const read = draftIn(text.value);
  const { fault, send: save } = useSending(async () => {
    if (read === null) return;
    await write(read, stored);
    say(w.saved);
    goInstead("settings", "taught");
  });
  return (
    <section class="panel" aria-labelledby="as-json">
      <header>
        <h2 id="as-json">{w.asJson}</h2>
        <span class="meta">{w.noneKept}</span>
      </header>
      <form class="body form" onSubmit={() => void save()}>
        <textarea
          class="field mono"
          aria-label={w.json}
          rows={24}
          spellcheck={false}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        {read === null ? (
          <p class="note bad" role="alert">
            {w.notJson}
          </p>
        ) : null}
        {fault.value === null ? null : (
          <p class="note bad" role="alert">
            <Said of={fault.value} />
          </p>
        )}
        <span class="line">
          <Button look="main" type="submit" disabled={read === null}>
            {words.value.save}
          </Button>
        </span>
      </form>
    </section>
  );
}

function draftIn(text: string): TaughtDraft | null {
  try {
    return taughtDraft(JSON.parse(text));
  } catch {
    return null;
  }
}
