import type { Event } from "@gatepost/client";
import { csvOf } from "../format/csv.ts";
import { deviceOf, matchOf } from "../format/event.ts";
import { Button } from "../parts/button.tsx";
import { chosenEvents } from "../parts/event-table.tsx";
import { Many } from "../parts/many.tsx";
import { saveCsv } from "../parts/save-file.ts";
import { see } from "../state/live/acknowledging.ts";
import { isGuard } from "../state/role.ts";
import { words } from "../words/index.ts";

/** The acts on the chosen passings. */
export function ChosenEventsBar({ onClose }: { onClose(): void }) {
  const { events, live } = words.value;
  const rows = chosenEvents.all;
  return (
    <Many count={rows.length} onClear={onClose}>
      <Button
        look="main"
        icon="check"
        onClick={() => {
          onClose();
          see(rows);
        }}
      >
        {live.seen}
      </Button>
      {isGuard.value ? null : (
        <Button icon="download" onClick={() => exportEvents(rows)}>
          {events.export}
        </Button>
      )}
    </Many>
  );
}

const columns = ["time", "name", "person_id", "type", "device", "box", "match", "flags", "event"];

/** Saves passings as a table that Excel and WPS open. */
function exportEvents(events: readonly Event[]): void {
  const lines = events.map((event) => {
    const { id, time, person, box, flags } = event;
    const match = matchOf(event)?.toFixed(1) ?? "";
    return [time, person.name ?? "", person.id ?? "", person.type, deviceOf(event), box.id, match, flags.join(" "), id];
  });
  saveCsv("events.csv", csvOf(columns, lines));
}
