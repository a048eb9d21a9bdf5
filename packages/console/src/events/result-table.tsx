import type { Event } from "@gatepost/client";
import { isoDay, longDay } from "../format/time.ts";
import { rootScale, rowHeight } from "../parts/row-height.ts";
import { VirtualRows } from "../parts/virtual-rows.tsx";
import { words } from "../words/index.ts";
import { opened } from "./opened.ts";
import { results, searchMore, total } from "./results.ts";
import { EventRow } from "./row.tsx";

type Item = { event: Event; index: number } | { hour: string; at: string };

/** px, where all is drawn as usual. */
const headingHeight = 33;

/** The rows that were found, with a heading where the hour is another. */
export function ResultTable() {
  const { columns: w, events: e } = words.value;
  const { events, isLoading } = results.value;
  const items = withHours(events);
  const [heading, row] = [headingHeight * rootScale(), rowHeight()];
  return (
    <VirtualRows<Item>
      label={e.results}
      heads={[w.time, w.faces, w.person, w.device, w.box, w.match, w.action, w.flags]}
      items={items}
      first={items.findIndex((item) => "event" in item && item.event.id === opened.peek())}
      total={total.value?.count ?? -1}
      isBusy={isLoading}
      onNearEnd={searchMore}
      heightOf={(item) => ("hour" in item ? heading : row)}
      row={(item) =>
        "hour" in item ? (
          <Hour key={item.hour} at={item.at} />
        ) : (
          <EventRow key={item.event.id} event={item.event} index={item.index} hasFlags />
        )
      }
    />
  );
}

function withHours(events: readonly Event[]): Item[] {
  const items: Item[] = [];
  let before = "";
  for (const [index, event] of events.entries()) {
    const hour = `${isoDay(event.time)} ${new Date(event.time).getHours()}`;
    if (hour !== before) items.push({ hour, at: event.time });
    before = hour;
    items.push({ event, index });
  }
  return items;
}

function Hour({ at }: { at: string }) {
  return (
    <tr class="day">
      <td colSpan={8}>{words.value.events.heading(longDay(at), new Date(at).getHours())}</td>
    </tr>
  );
}
