import { Field } from "../parts/field.tsx";
import { teachWords } from "../words/teach.ts";
import type { Press, TaughtDraft } from "./draft.ts";

interface TimeZoneProps {
  draft: TaughtDraft;
  onPress(press: Press): void;
}

/** The zone of a time that has none, beside the moment that it would be. Empty: that of the box, its site or the server. */
export function TimeZone({ draft, onPress }: TimeZoneProps) {
  const w = teachWords.value;
  const zone = draft.fields.time?.zone ?? "";
  const typed = {
    get value() {
      return zone;
    },
    set value(text: string) {
      onPress({ press: "zone", zone: text.trim() === "" ? null : text.trim() });
    },
  };
  return (
    <div class="body">
      <Field label={w.zone} of={typed} look="mono" maxLength={64} placeholder={w.zoneOfBox} />
    </div>
  );
}
