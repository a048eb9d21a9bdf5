import type { Event } from "@gatepost/client";
import { deviceOf, isNamed, nameOf } from "../format/event.ts";
import { Faces } from "../parts/faces.tsx";
import { Kind } from "../parts/kind.tsx";
import { Moment } from "../parts/moment.tsx";
import { Outcome } from "../parts/outcome.tsx";
import { Score } from "../parts/score.tsx";
import { BoxText } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { shortFlag } from "./flag-words.ts";

interface EventRowProps {
  event: Event;
  /** From 0, of all rows. */
  index: number;
  hasFlags?: boolean;
}

/** One passing in a list. Its one link covers the row. */
export function EventRow({ event, index, hasFlags = false }: EventRowProps) {
  return (
    <tr class={event.person.type} aria-rowindex={index + 2} data-event={event.id}>
      <td class="t nowrap">
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
          <Kind of={event.person.type} isAlone={!isNamed(event)} />
        </a>
      </td>
      <td class="opt">
        <BoxText text={deviceOf(event)} />
      </td>
      <td class="opt quiet">
        <BoxText text={event.box.id} />
      </td>
      <td class="opt">
        <Score of={event} />
      </td>
      <td class="opt">
        <Outcome of={event} />
      </td>
      {hasFlags ? (
        <td class="opt meta">
          <BoxText text={event.flags.map(shortFlag).join(", ")} />
        </td>
      ) : null}
    </tr>
  );
}
