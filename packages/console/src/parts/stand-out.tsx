import type { Event } from "@gatepost/client";
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { placeOf } from "../format/event.ts";
import { addressOf } from "../state/address.ts";
import { see, unsent } from "../state/live/acknowledging.ts";
import { hold, letGo, letGoAtOnce, touched } from "../state/live/hold.ts";
import { isCut, isWhole, seenBy } from "../state/live/standing.ts";
import type { Group } from "../state/live/standing-groups.ts";
import {
  drawnStrangers,
  firstOfPhone,
  heldBack,
  isUnfolded,
  type Row,
  rows,
  standingCount,
} from "../state/live/standing-rows.ts";
import { mayJudge } from "../state/role.ts";
import { words } from "../words/index.ts";
import { askWhy, askWhyAfter } from "./acknowledge-dialog.tsx";
import { Button, IconButton } from "./button.tsx";
import { Portrait } from "./faces.tsx";
import { Denied, Kind } from "./mark.tsx";
import { Picture } from "./picture.tsx";
import { Rings, Silence } from "./ringing-mark.tsx";
import { Moment, NameText, PlaceText } from "./text.tsx";
import { isPhone } from "./virtual-rows.tsx";

/**
 * Strangers and the blacklist stay until a user marks them as seen, however fast the stream is. While a user points at
 * the list, nothing in it moves.
 */
export function StandOut() {
  const { live: w } = words.value;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => () => letGoAtOnce(), []);
  const drawn = rows.value;
  const isFolded = isPhone() && !isUnfolded.value;
  const more = standingCount.value - drawn.filter(({ isSeen }) => !isSeen).length - heldBack.value.count;
  const onFocus = ({ target }: FocusEvent) => {
    // A button that was clicked has the focus, too, and would hold the list for good.
    if (target instanceof Element && target.matches(":focus-visible")) hold("focus");
  };
  const onBlur = ({ relatedTarget }: FocusEvent) => {
    if (!(relatedTarget instanceof Node && list.current?.contains(relatedTarget))) letGo("focus");
  };
  return (
    <section aria-labelledby="stand">
      <Heading />
      {drawn.length === 0 ? (
        <p class="meta">{w.nobody}</p>
      ) : (
        <ol
          class="stand sideways"
          ref={list}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys.
          tabIndex={0}
          aria-labelledby="stand"
          onPointerEnter={({ pointerType }) => (pointerType === "mouse" ? hold("pointer") : undefined)}
          onPointerLeave={() => letGo("pointer")}
          onTouchStart={touched}
          onFocusIn={onFocus}
          onFocusOut={onBlur}
        >
          {drawn.map((row) => (
            <One key={row.group.key} row={row} />
          ))}
        </ol>
      )}
      {isPhone() ? <Fold more={more} /> : null}
      {more > 0 && isWhole.value && !isFolded ? <p class="meta">{moreText(more)}</p> : null}
    </section>
  );
}

function moreText(more: number): string {
  const { live: w } = words.value;
  return isCut.value ? w.moreAtLeast(more) : w.more(more);
}

/** On a phone: shows the rows below the first ones, and hides them again. */
function Fold({ more }: { more: number }) {
  const isOpen = isUnfolded.value;
  if (isOpen ? rows.value.length <= firstOfPhone : more <= 0 || !isWhole.value) return null;
  const turn = () => {
    letGoAtOnce();
    isUnfolded.value = !isOpen;
  };
  return (
    <Button look="small bare fold" icon={isOpen ? "up" : "down"} aria-expanded={isOpen} onClick={turn}>
      {isOpen ? words.value.live.fewer : moreText(more)}
    </Button>
  );
}

function Heading() {
  const { live: w } = words.value;
  const count = standingCount.value;
  const waiting = heldBack.value;
  const strangers = useComputed(() => rows.value.filter(({ group, isSeen }) => !isSeen && group.kind === "stranger"));
  const said = isCut.value ? w.unseenAtLeast(count) : w.unseen(count);
  return (
    <h2>
      <span id="stand">{w.standOut}</span>
      <span class="meta" aria-live="polite">
        {!isWhole.value ? "…" : count === 0 ? "" : said}
      </span>
      {waiting.count === 0 ? null : (
        <span class={waiting.blacklist === 0 ? "kept-back" : "kept-back blacklist"} title={w.held}>
          {waiting.blacklist === 0 ? w.fresh(waiting.count) : w.freshBlacklist(waiting.blacklist)}
        </span>
      )}
      {unsent.value > 1 ? <span class="meta">{w.sentLater}</span> : null}
      {strangers.value.length === 0 ? null : (
        <Button look="small bare end" onClick={seeDrawn}>
          {w.markSeen(strangers.value.length)}
        </Button>
      )}
    </h2>
  );
}

/** Marks the drawn strangers as seen: never the blacklist, and no one who was not drawn. */
export function seeDrawn(): void {
  seeOrAsk(drawnStrangers().flatMap(({ events }) => events));
}

/** Marks a row as seen, or asks why if a reason is needed. */
export function seeGroup(group: Group): void {
  if (group.kind === "blacklist" && mayJudge.peek()) askWhy(group);
  else seeOrAsk(group.events);
}

/** Marks passings as seen; users who give reasons may do that afterwards. */
function seeOrAsk(events: readonly Event[]): void {
  see(events, mayJudge.peek() ? askWhyAfter : undefined);
}

function One({ row: { group, isSeen } }: { row: Row }) {
  const { live: w } = words.value;
  const { latest, events, kind } = group;
  const times = events.length;
  return (
    <li class={isSeen ? `${kind} is-seen` : kind}>
      {kind === "blacklist" && latest.pictures.registered !== undefined ? (
        <span class="both">
          <Picture of={latest} kind="registered" width={60} height={75} />
          <Portrait of={latest} width={60} height={75} />
        </span>
      ) : (
        <Portrait of={latest} width={52} height={52} />
      )}
      <a href={addressOf(kind === "stranger" ? "stranger" : "event", latest.id)}>
        <span class="name">
          <NameText of={latest} class="" />
          {times > 1 && kind === "blacklist" ? <span class="times"> {w.times(times)}</span> : null}
        </span>
        <span class="line">
          <Kind of={latest.person.type} />
          <Denied of={latest} />
        </span>
        <span class="meta">{isSeen ? <SeenBy of={group} /> : <Where of={group} />}</span>
        {kind === "blacklist" && !isSeen ? <Rings of={latest} /> : null}
      </a>
      <Buttons of={group} isSeen={isSeen} />
    </li>
  );
}

function Where({ of: { latest, kind, events } }: { of: Group }) {
  if (kind === "stranger") return <Moment at={latest.time} />;
  return (
    <>
      {events.length > 1 ? words.value.live.lastAt : null} <PlaceText text={placeOf(latest)} /> ·{" "}
      <Moment at={latest.time} />
    </>
  );
}

function SeenBy({ of }: { of: Group }) {
  const { live: w } = words.value;
  const by = seenBy.value.get(of.latest.id);
  return <>{by?.name ? w.seenByName(by.name) : w.seen}</>;
}

/** The buttons of a row that was seen meanwhile stay, so that the focus does, and do nothing. */
function Buttons({ of, isSeen }: { of: Group; isSeen: boolean }) {
  const { live: w } = words.value;
  const unless = (act: () => void) => () => (isSeen ? undefined : act());
  if (of.kind === "blacklist" && mayJudge.value) {
    return (
      <span class="line">
        <Button
          look="main small"
          icon="check"
          aria-haspopup="dialog"
          aria-disabled={isSeen}
          onClick={unless(() => askWhy(of))}
        >
          {w.acknowledgeAsk}
        </Button>
        {isSeen ? null : <Silence of={of.latest} />}
      </span>
    );
  }
  return (
    <span class="pair-buttons">
      <IconButton
        icon="check"
        label={w.seenKey}
        look="bare"
        aria-disabled={isSeen}
        onClick={unless(() => seeOrAsk(of.events))}
      />
      {mayJudge.value ? (
        <IconButton
          icon="pencil"
          label={w.seenWhy}
          look="bare"
          aria-haspopup="dialog"
          aria-disabled={isSeen}
          onClick={unless(() => askWhy(of))}
        />
      ) : null}
    </span>
  );
}
