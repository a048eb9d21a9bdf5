import { useSignal } from "@preact/signals";
import { isoDay, near, shortTime } from "../format/time.ts";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { serverTime } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { say, sayUndoable } from "../state/notice.ts";
import { calledOf, type Inside, sinceWords } from "../state/people/presence.ts";
import { gatepost } from "../state/session.ts";
import { insideWords } from "../words/inside.ts";

interface HasLeftProps {
  site: string;
  of: Inside;
  onChanged(): void;
  onClose(): void;
}

/** Asks when a person has left, and why that was not seen. */
export function HasLeft({ site, of, onChanged, onClose }: HasLeftProps) {
  const w = insideWords.value;
  const now = serverTime();
  const [day, time, reason] = [useSignal(isoDay(now)), useSignal(shortTime(now)), useSignal("")];
  const name = calledOf(of);
  const leftAt = new Date(`${day.value}T${time.value}`).getTime();
  const isTimed = leftAt >= Date.parse(of.since) && leftAt <= serverTime();
  const send = async () => {
    const { library, id } = of;
    const body = { site, library, id, leftAt: new Date(leftAt).toISOString(), reason: reason.value.trim() };
    const made = await gatepost().ask("POST /v1/presence/corrections", { body });
    onChanged();
    sayUndoable(w.noted(name, sinceWords(made.leftAt, serverTime())), () => takeBack(made.id, name, onChanged));
  };
  return (
    <FormDialog
      title={<bdi>{w.hasLeftTitle(name)}</bdi>}
      does={w.correct}
      isReady={isTimed && reason.value.trim().length >= 3}
      onSend={send}
      onClose={onClose}
    >
      <Field label={w.leftOn} member="leftAt" of={day} type="date" required />
      <Field label={w.leftAt} of={time} type="time" required />
      {isTimed ? null : (
        <p class="meta" role="status">
          {w.tooEarly(near(of.since, now))}
        </p>
      )}
      <Field label={`${w.reason} (${w.reasonHint})`} of={reason} required maxLength={200} />
    </FormDialog>
  );
}

/** Takes back that a person has left. */
export async function takeBack(id: string, name: string, onChanged: () => void): Promise<void> {
  const taken = await attempt(() =>
    gatepost()
      .ask("DELETE /v1/presence/corrections/{id}", { path: { id } })
      .then(() => true),
  );
  if (taken === null) return;
  onChanged();
  say(insideWords.peek().takenBack(name));
}
