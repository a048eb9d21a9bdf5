import type { Event } from "@gatepost/client";
import { boxNameOf, deviceOf, isNamed, nameOf } from "../format/event.ts";
import { faultFlags, shortFlag } from "../format/flags.ts";
import { clockTime, isoDay, longDay } from "../format/time.ts";
import { addressOf } from "../state/address.ts";
import { eventSearch, opened, total } from "../state/results.ts";
import { words } from "../words/index.ts";
import { ChosenRows } from "./chosen-rows.ts";
import { Faces } from "./faces.tsx";
import { Tick } from "./many.tsx";
import { ActionMarks, Denied, Kind, Score } from "./mark.tsx";
import { BoxText, Moment } from "./text.tsx";
import { rootScale, rowHeight, VirtualRows } from "./virtual-rows.tsx";

/** The passings of the list that the user has chosen. */
export const chosenEvents = new ChosenRows<Event>();

interface EventRowProps {
  event: Event;
  /** From 0, of all rows. */
  index: number;
  hasFlags?: boolean;
  /** Whether there is a column for what boxes asked for. */
  hasAsked?: boolean;
}

/** One passing in a list. Its one link covers the row. */
export function EventRow({ event, index, hasFlags = false, hasAsked = true }: EventRowProps) {
  const isChosen = hasFlags && chosenEvents.has(event.id);
  return (
    <tr
      class={isChosen ? `${event.person.type} sel` : event.person.type}
      aria-rowindex={index + 2}
      data-event={event.id}
    >
      <td class="t nowrap">
        {hasFlags ? (
          <Tick
            what={`${nameOf(event)}, ${clockTime(event.time)}`}
            isOn={isChosen}
            onToggle={(isRange) => chosenEvents.toggle(event, eventSearch.found.peek().items, isRange)}
          />
        ) : null}
        <Moment at={event.time} />
      </td>
      <td class="f">
        <Faces of={event} />
      </td>
      <td class="who">
        <a class="all" href={addressOf("event", event.id)}>
          {isNamed(event) ? (
            <b>
              <BoxText text={nameOf(event)} />
            </b>
          ) : null}{" "}
          <Kind of={event.person.type} isAlone={!isNamed(event)} /> <Denied of={event} />{" "}
          <BoxText class="phone meta" text={boxNameOf(event.box)} />
        </a>
      </td>
      <td class="opt">
        <BoxText text={deviceOf(event)} />
      </td>
      <td class="opt quiet">
        <BoxText text={boxNameOf(event.box)} />
      </td>
      <td class="opt">
        <Score of={event} />
      </td>
      {hasAsked ? (
        <td class="opt">
          <ActionMarks of={event} />
        </td>
      ) : null}
      {hasFlags ? (
        <td class="opt meta">
          <BoxText text={faultFlags(event.flags).map(shortFlag).join(", ")} />
        </td>
      ) : null}
    </tr>
  );
}

type Item = { event: Event; index: number } | { hour: string; at: string };

/** px, for the usual layout. */
const headingHeight = 33;

/** The found rows, with a heading at each new hour. */
export function ResultTable() {
  const { columns: w, events: e, filters: f, problems, match } = words.value;
  const { items: events, isLoading } = eventSearch.found.value;
  const items = withHours(events);
  const [heading, row] = [headingHeight * rootScale(), rowHeight()];
  return (
    <VirtualRows<Item>
      label={e.results}
      heads={[w.time, w.faces, w.person, f.device, f.box, match, f.action, problems.flags]}
      items={items}
      first={items.findIndex((item) => "event" in item && item.event.id === opened.peek())}
      total={total.value?.count ?? -1}
      isBusy={isLoading}
      onNearEnd={eventSearch.more}
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
