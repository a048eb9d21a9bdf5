import type { Event } from "@gatepost/client";
import { useEffect, useRef } from "preact/hooks";
import { nameOf } from "../format/event.ts";
import { clockTime } from "../format/time.ts";
import { Portrait } from "../parts/faces.tsx";
import { Denied, Kind } from "../parts/mark.tsx";
import { BoxText } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { useLoading } from "../state/loading.ts";
import { around, askBeside, fetchBeside, unsaid } from "../state/neighbours.ts";
import { words } from "../words/index.ts";

/** So many around the opened one are enough to look at. */
const reach = 30;

/** The list beside an opened event, on a wide page. */
export function Slim({ id }: { id: string }) {
  const list = useRef<HTMLElement>(null);
  useLoading(`beside ${id} ${unsaid.value}`, (signal) => askBeside(id, signal));
  useEffect(() => {
    fetchBeside(id);
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [id]);
  const events = around.value;
  const at = Math.max(
    0,
    events.findIndex((event) => event.id === id),
  );
  return (
    <nav class="slim" ref={list} aria-label={words.value.events.results}>
      <ul>
        {events.slice(Math.max(0, at - reach), at + reach).map((event) => (
          <One key={event.id} event={event} isOpen={event.id === id} />
        ))}
      </ul>
    </nav>
  );
}

function One({ event, isOpen }: { event: Event; isOpen: boolean }) {
  return (
    <li>
      <a href={addressOf("event", event.id)} aria-current={isOpen ? "true" : undefined}>
        <Portrait of={event} width={36} height={40} />
        <b>
          <BoxText text={nameOf(event)} />
        </b>
        <time dateTime={event.time}>{clockTime(event.time)}</time>
        <Kind of={event.person.type} />
        <Denied of={event} />
      </a>
    </li>
  );
}
