import type { Event } from "@gatepost/client";
import { boxNameOf, deviceOf, nameOf } from "../../format/event.ts";
import { clockTime, day, exactTime } from "../../format/time.ts";
import { AlertMe } from "../../parts/alert-me.tsx";
import { Button, IconButton } from "../../parts/button.tsx";
import { copyLink } from "../../parts/copy-link.tsx";
import { Denied, Kind } from "../../parts/mark.tsx";
import { BoxText } from "../../parts/text.tsx";
import { addressOf } from "../../state/address.ts";
import { beside, step } from "../../state/neighbours.ts";
import { words } from "../../words/index.ts";

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
          <Denied of={event} />
          <span class="quiet">·</span>
          <BoxText text={deviceOf(event)} />
          <BoxText class="quiet" text={boxNameOf(event.box)} />
        </span>
      </div>
      <div class="end gap">
        <span class="line">
          <IconButton icon="up" label={w.newer} aria-disabled={newer === null} onClick={() => step("newer")} />
          <IconButton icon="down" label={w.older} aria-disabled={older === null} onClick={() => step("older")} />
          {event.person.type === "stranger" ? (
            <a class="btn" href={addressOf("stranger", event.id)}>
              {w.compareOthers}
            </a>
          ) : null}
          <AlertMe event={event} />
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
  const { reportedTime, clockOffsetMs } = event;
  return (
    <span class="meta num">
      <b>
        <time dateTime={event.time}>
          {day(event.time)} {exactTime(event.time)}
        </time>
      </b>
      {reportedTime === null || clockOffsetMs === null ? null : (
        <>
          <br />
          {words.value.event.boxSaid(`${day(reportedTime)} ${clockTime(reportedTime)}`)}
        </>
      )}
    </span>
  );
}
