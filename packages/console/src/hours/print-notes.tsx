import { longDay } from "../state/hours/days.ts";
import { keyOf, type Person } from "../state/hours/sheet.ts";
import { hoursWords } from "../words/hours.ts";
import { correctionText } from "./popover.tsx";

/** Below the sheet on paper: each correction with its reason, and a line to sign. */
export function PrintNotes({ people, zone }: { people: readonly Person[]; zone: string }) {
  const w = hoursWords.value;
  const notes = people.flatMap((person) => person.corrections.map((correction) => ({ person, correction })));
  return (
    <footer class="paper-only" aria-hidden="true">
      {notes.length === 0 ? null : (
        <>
          <h2>{w.notes}</h2>
          <ol class="notes">
            {notes.map(({ person, correction }) => (
              <li key={`${keyOf(person)} ${correction.id}`}>
                <bdi>
                  {w.cellTitle(person.name ?? person.id, longDay(correction.day))}: {correctionText(correction, zone)}
                </bdi>
              </li>
            ))}
          </ol>
        </>
      )}
      <p class="sign">{w.checkedBy}</p>
    </footer>
  );
}
