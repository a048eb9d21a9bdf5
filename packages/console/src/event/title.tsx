import type { Event } from "@gatepost/client";
import { deviceOf, nameOf } from "../format/event.ts";
import { clockTime, day, exactTime, shortDay } from "../format/time.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Kind } from "../parts/kind.tsx";
import { BoxText } from "../parts/text.tsx";
import { copy } from "../state/copy.ts";
import { words } from "../words/index.ts";
import { beside, step } from "./neighbours.ts";

export function Title({ event }: { event: Event }) {
  const { event: w } = words.value;
  const { newer, older } = beside.value;
  return (
    <header class="title">
      <div class="gap">
        <h1 id="who">
          <BoxText text={nameOf(event)} />
        </h1>
        <span class="line">
          <Kind of={event.person.type} />
          <span class="quiet">·</span>
          <BoxText text={deviceOf(event)} />
          <BoxText class="quiet" text={event.box.id} />
        </span>
      </div>
      <div class="end gap">
        <span class="line">
          <IconButton icon="up" label={w.newer} aria-disabled={newer === null} onClick={() => step("newer")} />
          <IconButton icon="down" label={w.older} aria-disabled={older === null} onClick={() => step("older")} />
          <Button icon="copy" onClick={() => void copyLink()}>
            {w.copyLink}
          </Button>
        </span>
        <Times event={event} />
      </div>
    </header>
  );
}

function Times({ event }: { event: Event }) {
  // With the flag `clock` the time of the box is not the one that is shown.
  const isOff = event.flags.includes("clock");
  return (
    <span class="meta num">
      <b>
        <time dateTime={event.time}>
          {day(event.time)} {exactTime(event.time)}
        </time>
      </b>
      {isOff ? (
        <>
          <br />
          {words.value.event.boxSaid(`${shortDay(event.timestamp)} ${clockTime(event.timestamp)}`)}
        </>
      ) : null}
    </span>
  );
}

export const copyLink = () => copy(location.href);
