import { useSignal } from "@preact/signals";
import { isZone } from "../format/time-zones.ts";
import { Field } from "../parts/field.tsx";
import { teachWords } from "../words/teach.ts";
import type { Press, TaughtDraft } from "./draft.ts";

interface TimeZoneProps {
  draft: TaughtDraft;
  onPress(press: Press): void;
}

/**
 * The zone of a time that has none, beside the moment that it would be. Empty: that of the box, its site or the server.
 * While it is typed, only a known zone is taken; once it is entered, the server says what is wrong with it.
 */
export function TimeZone({ draft, onPress }: TimeZoneProps) {
  const w = teachWords.value;
  const typed = useSignal(draft.fields.time?.zone ?? "");
  const press = () => onPress({ press: "zone", zone: typed.value.trim() || null });
  return (
    <div class="body" onInput={() => isZone(typed.value.trim()) && press()} onChange={press}>
      <Field label={w.zone} of={typed} look="mono" maxLength={64} placeholder={w.zoneOfBox} />
    </div>
  );
}
