import type { Event } from "@gatepost/client";
import { nameOf, placeOf } from "../format/event.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Portrait } from "../parts/faces.tsx";
import { Kind } from "../parts/mark.tsx";
import { BoxText, Moment } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { words } from "../words/index.ts";
import { isCut, isWhole, see, standing } from "./standing.ts";

const most = 50;

/** Strangers and the blacklist stay until a user marks them as seen, however fast the stream is. */
export function StandOut() {
  const { live: w } = words.value;
  const [unseen, more] = isCut.value ? [w.unseenAtLeast, w.moreAtLeast] : [w.unseen, w.more];
  const events = standing.value;
  return (
    <section aria-labelledby="stand">
      <h2>
        <span id="stand">{w.standOut}</span>
        <span class="meta" aria-live="polite">
          {!isWhole.value ? "…" : events.length === 0 ? "" : unseen(events.length)}
        </span>
        {events.length === 0 ? null : (
          <Button look="small bare end" onClick={() => void see(standing.value)}>
            {w.allSeen}
          </Button>
        )}
      </h2>
      {events.length === 0 ? (
        <p class="meta">{w.nobody}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, also by keys.
        <ol class="stand" tabIndex={0} aria-labelledby="stand">
          {events.slice(0, most).map((event) => (
            <One key={event.id} event={event} />
          ))}
        </ol>
      )}
      {events.length > most && isWhole.value ? <p class="meta">{more(events.length - most)}</p> : null}
    </section>
  );
}

function One({ event }: { event: Event }) {
  const isStranger = event.person.type === "stranger";
  return (
    <li class={event.person.type}>
      <Portrait of={event} width={52} height={52} />
      <a href={addressOf("event", event.id)}>
        <BoxText class="name" text={nameOf(event)} />
        <Kind of={event.person.type} />
        <span class="meta">
          {isStranger ? null : (
            <>
              <BoxText text={placeOf(event)} /> ·{" "}
            </>
          )}
          <Moment at={event.time} />
        </span>
      </a>
      <IconButton icon="check" label={words.value.live.seen} look="bare" onClick={() => void see([event])} />
    </li>
  );
}
