import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Select } from "../parts/field.tsx";
import { RunningJob } from "../parts/job-progress.tsx";
import { addressOf } from "../state/address.ts";
import { attempt } from "../state/failure.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { useOnce } from "../state/loading.ts";
import { undoTaught } from "../state/mappings/undo.ts";
import { goInstead } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { teachWords } from "../words/teach.ts";
import type { BegunTeaching } from "./begin.ts";
import type { Press, TaughtDraft } from "./draft.ts";

interface FootProps {
  begun: BegunTeaching;
  draft: TaughtDraft;
  onPress(press: Press): void;
  onSaved(): void;
}

/** A saved mapping, and the result of its replay. */
interface Saved {
  id: string;
  /** Null if nothing was replayed. */
  replayed: { events: number; noEvent: number; stay: number } | null;
}

/** The id of the form, for a button beside the report on a phone. */
export const savingForm = "teach-save";

/** The text of the button that saves, and replays the reports of the group if there are any. */
export const savingText = ({ total }: BegunTeaching) =>
  total === 0 ? words.value.save : teachWords.value.saveAndReplay(total);

/** The name of the mapping, its box, and the way to save it and to replay the kept reports. */
export function SavingFoot({ begun, draft, onPress, onSaved }: FootProps) {
  const w = teachWords.value;
  const { stored, group, total } = begun;
  const saved = useSignal<Saved | null>(null);
  const jobName = `replay ${JSON.stringify(group)}`;
  const job = jobOf(jobName).value;
  const save = useOnce(() =>
    attempt(async () => {
      const id = await write(draft, stored);
      onSaved();
      const ended = total === 0 ? null : await runJob(jobName, { kind: "replay", ...group });
      const result = ended?.result != null && "stored" in ended.result ? ended.result : { stored: 0, noEvent: 0 };
      const { stored: events, noEvent = 0 } = result;
      saved.value = { id, replayed: ended === null ? null : { events, noEvent, stay: ended.done - events - noEvent } };
    }),
  );
  if (saved.value !== null) return <Done of={saved.value} box={draft.box} />;
  if (isUnfinished(job)) {
    return (
      <div class="foot">
        <RunningJob job={job} label={w.replaying} />
      </div>
    );
  }
  const boxes = [...new Set([group.box, draft.box ?? undefined])].filter((box) => box !== undefined);
  return (
    <form class="foot" id={savingForm} onSubmit={() => void save()}>
      <input
        class="field"
        aria-label={w.name}
        value={draft.name}
        required
        maxLength={80}
        autocomplete="off"
        onInput={({ currentTarget }) => onPress({ press: "title", name: currentTarget.value })}
      />
      <Select
        aria-label={w.for}
        chosen={draft.box ?? ""}
        choices={[...boxes.map((box) => [box, w.onlyBox(box)] as const), ["", w.everyBox]]}
        onChoose={(box) => onPress({ press: "box", box: box || null })}
      />
      <Button look="main end" type="submit">
        {savingText(begun)}
      </Button>
    </form>
  );
}

/** Stores a draft as a new mapping, or in place of the one that was read. Resolves with its id. */
export async function write(draft: TaughtDraft, stored: BegunTeaching["stored"]): Promise<string> {
  const { id, rev } = stored ?? {};
  if (id === undefined || rev === undefined) return (await gatepost().ask("POST /v1/mappings", { body: draft })).id;
  return (await gatepost().ask("PUT /v1/mappings/{id}", { path: { id }, body: { ...draft, rev } })).id;
}

function Done({ of: { id, replayed }, box }: { of: Saved; box: string | null }) {
  const w = teachWords.value;
  const undo = useOnce(() =>
    attempt(async () => {
      await undoTaught(id);
      goInstead("problems");
    }),
  );
  const told = useRef<HTMLParagraphElement>(null);
  // The button that was pressed is gone.
  useEffect(() => told.current?.focus(), []);
  return (
    <div class="foot done">
      <p role="status" tabIndex={-1} ref={told}>
        {replayed === null ? w.saved : w.became(replayed.events + replayed.noEvent, replayed.stay)}
      </p>
      <span class="line">
        {replayed === null || replayed.events === 0 ? null : (
          <a class="btn main" href={addressOf("events", null, box === null ? {} : { box: [box] })}>
            {w.toEvents}
          </a>
        )}
        <Button onClick={() => void undo()}>{words.value.undo}</Button>
        <a class="btn" href={addressOf("settings", "taught")}>
          {w.toTaught}
        </a>
      </span>
    </div>
  );
}
