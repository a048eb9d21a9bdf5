import type { Api, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { standsOut } from "../format/event.ts";
import { attempt } from "../state/failure.ts";
import { lastNoted } from "../state/live/standing.ts";
import { useLoading, useOnce } from "../state/loading.ts";
import { mayJudge } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { noteField } from "./reasons.tsx";

export type Note = Api["GET /v1/events/{id}/notes"]["answer"]["notes"][number];

/** The notes about a person who stood out; none about others. */
export function useNotes(event: Event) {
  const { id } = event;
  const { state, reload } = useLoading<readonly Note[]>(`notes ${id}`, async (signal) => {
    if (!standsOut(event)) return [];
    return (await gatepost().ask("GET /v1/events/{id}/notes", { path: { id }, signal })).notes;
  });
  const noted = lastNoted.value?.event === id ? lastNoted.value : null;
  const shown = useRef(noted);
  useEffect(() => {
    if (noted !== null && noted !== shown.current) reload();
    shown.current = noted;
  }, [noted]);
  return { notes: state.value.value ?? [], reload };
}

interface AddNoteProps {
  event: Event;
  /** Text that the user has written before; then the field is open. */
  written: string;
  onAdded(): void;
}

/** A field for one more note, for users who sign it. */
export function AddNote({ event: { id }, written, onAdded }: AddNoteProps) {
  const { live: w } = words.value;
  const isOpen = useSignal(written.trim() !== "");
  const text = useSignal(written);
  const add = useOnce(async () => {
    const body = { text: text.value.trim() };
    const added = await attempt(() => gatepost().ask("POST /v1/events/{id}/notes", { path: { id }, body }));
    if (added === null) return;
    text.value = "";
    isOpen.value = false;
    onAdded();
  });
  if (!mayJudge.value) return null;
  if (!isOpen.value) return <Button onClick={() => (isOpen.value = true)}>{w.addNote}</Button>;
  return (
    <form class="line add-note" onSubmit={() => text.value.trim() !== "" && void add()}>
      <input type="text" class="field" aria-label={w.note} {...noteField(text)} />
      <Button look="main" type="submit">
        {w.addNote}
      </Button>
    </form>
  );
}
