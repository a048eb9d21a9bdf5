import type { Action, Event } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { dayMs } from "../../format/durations.ts";
import { matchOf, nameOf, placeOf } from "../../format/event.ts";
import { clockTime, shortDay } from "../../format/time.ts";
import { decline } from "../../state/acting/deciding.ts";
import { now } from "../../state/clock.ts";
import { isManager } from "../../state/role.ts";
import { gatepost } from "../../state/session.ts";
import { actionWords } from "../../words/actions.ts";
import { words } from "../../words/index.ts";
import { Button, KeyHint } from "../button.tsx";
import { blink, endBlink, startBlink } from "../compare.tsx";
import { FormDialog } from "../dialog.tsx";
import { Kind, State } from "../mark.tsx";
import { Picture } from "../picture.tsx";
import { BoxText } from "../text.tsx";
import { sendForm, useDecideKeys } from "./decide-keys.ts";
import type { Photo, ShownPhoto } from "./photo.tsx";
import { Captured, photoOf, usePhoto } from "./photo.tsx";
import { boxesIn, isPlaced, Places, usePlaces } from "./places.tsx";

/** Days for which a bridge keeps the old photo. */
const keptDays = 7;

/** The place of an action among several that are compared one by one. */
interface Queue {
  at: number;
  of: number;
  go(by: 1 | -1): void;
}

interface CompareDialogProps {
  action: Action;
  queue?: Queue;
  onApproved(changed: Action): void;
  onClose(): void;
}

/** Shows the registered photo and the captured one at the same size, and takes the captured one if the user wishes. */
export function CompareDialog({ action, queue, onApproved, onClose }: CompareDialogProps) {
  const w = actionWords.value;
  const { id, event = null } = action;
  // The photo as it was when the dialogue opened, even if the event shows another one later.
  const photo = useMemo(() => photoOf(event), [id]);
  const shown = usePhoto(id, photo);
  const places = usePlaces(action);
  const registered = useSignal<"waits" | "there" | "missing">("waits");
  const stage = useRef<HTMLDivElement>(null);
  const hasRegistered = event?.pictures.registered !== undefined;
  useLayoutEffect(() => {
    registered.value = hasRegistered ? "waits" : "missing";
  }, [id]);
  useEffect(() => {
    stage.current?.focus();
    return endBlink;
  }, [id]);
  const isSettled = useSettled(id, queue !== undefined);
  const next = queue === undefined ? onClose : () => queue.go(1);
  const isReady = isSettled.value && shown.url !== null && registered.value !== "waits" && isPlaced(places);
  const take = async () => {
    const body = { ...boxesIn(places), ...(photo === null ? {} : { photo: photo.sha256 }) };
    onApproved(await gatepost().ask("POST /v1/actions/{id}/approval", { path: { id }, body }));
  };
  const refuse = () => {
    if (!isSettled.peek()) return;
    next();
    decline([action]);
  };
  const step = (by: 1 | -1) => {
    if (isSettled.peek()) queue?.go(by);
  };
  useDecideKeys({
    ...(queue === undefined ? {} : { j: () => step(1), k: () => step(-1) }),
    " ": () => (hasRegistered ? startBlink() : undefined),
    d: refuse,
    ...(isManager.value ? { Enter: sendForm } : {}),
  });
  const does = registered.value === "missing" ? w.takeUncompared : w.approveDo["1002"];
  return (
    <FormDialog
      look="decide"
      first={stage}
      title={w.approveTitle["1002"](event === null ? words.value.somebody : nameOf(event))}
      under={event === null ? null : <About event={event} queue={queue} />}
      does={isManager.value ? does : null}
      hint="⏎"
      isReady={isReady}
      onSend={take}
      onSent={next}
      onClose={onClose}
      others={
        <>
          <Button onClick={refuse}>
            {w.decline} <KeyHint of="D" />
          </Button>
          {queue === undefined ? null : (
            <Button onClick={() => step(1)}>
              {w.skip} <KeyHint of="J" />
            </Button>
          )}
        </>
      }
    >
      <Pair
        key={id}
        stage={stage}
        event={event}
        photo={photo}
        shown={shown}
        onRegistered={(found) => (registered.value = found)}
      />
      {registered.value === "missing" ? <p class="note warn">{w.notCompared}</p> : null}
      <div class="line">
        {event === null ? null : <Quality of={event} />}
        {hasRegistered ? (
          <span class="meta end desk">
            {w.inTurn} <kbd>Space</kbd>
          </span>
        ) : null}
      </div>
      {isManager.value ? (
        <div class="grid-form">
          <Places of={places} box={action.box} id={event?.person.id ?? null} />
          <p class="meta">{w.photoOnly(shortDay(now.value + keptDays * dayMs))}</p>
        </div>
      ) : null}
    </FormDialog>
  );
}

interface PairProps {
  stage: { current: HTMLDivElement | null };
  event: Event | null;
  photo: Photo | null;
  shown: ShownPhoto;
  /** Whether the registered photo is shown, or cannot be. */
  onRegistered(found: "there" | "missing"): void;
}

/** Both photos at one size; the captured one also in the place of the registered one while Space is held. */
function Pair({ stage, event, photo, shown, onRegistered }: PairProps) {
  return (
    <div class="same" ref={stage} tabIndex={-1}>
      <figure>
        <span class="frame">
          {event?.pictures.registered === undefined ? (
            <span class="pic missing">{words.value.pictures.none.registered}</span>
          ) : (
            <Picture
              of={event}
              kind="registered"
              alt={words.value.pictures.registered}
              width={256}
              height={320}
              onSize={() => onRegistered("there")}
              onFailed={() => onRegistered("missing")}
            />
          )}
          {blink.value === true ? <Captured photo={photo} shown={shown} look="pic upon" /> : null}
        </span>
        <figcaption>{actionWords.value.registeredNow}</figcaption>
      </figure>
      <figure>
        <span class="frame">
          <Captured photo={photo} shown={shown} />
        </span>
        <figcaption>
          {words.value.pictures.faceShort}
          {event === null ? null : (
            <span class="meta">
              <BoxText text={placeOf(event)} /> · {clockTime(event.time)}
            </span>
          )}
        </figcaption>
      </figure>
    </div>
  );
}

/** ms after which another action is surely seen: a press before that was meant for the one before. */
const settledMs = 400;

/** Whether the shown action is there for long enough to be decided. */
function useSettled(id: string, isOneOfSeveral: boolean): Signal<boolean> {
  const isSettled = useSignal(true);
  useLayoutEffect(() => {
    if (!isOneOfSeveral) return undefined;
    isSettled.value = false;
    const timer = setTimeout(() => {
      isSettled.value = true;
    }, settledMs);
    return () => clearTimeout(timer);
  }, [id]);
  return isSettled;
}

function About({ event, queue }: { event: Event; queue: Queue | undefined }) {
  const match = matchOf(event);
  const [before, after] = actionWords.value.matchOf100;
  return (
    <p class="line">
      <Kind of={event.person.type} />
      {event.person.id === null ? null : <bdi class="mono quiet">{event.person.id}</bdi>}
      {match === null ? null : (
        <span>
          · {before} <b>{match.toFixed(1)}</b> {after}
        </span>
      )}
      {queue === undefined ? null : (
        <span class="quiet" role="status">
          · {actionWords.value.oneOf(queue.at, queue.of)}
        </span>
      )}
    </p>
  );
}

/** What the box says of the picture. */
function Quality({ of: { quality } }: { of: Event }) {
  const { qualities } = words.value.event;
  if (quality.registrable === null) return <State tone="">{qualities.unknown}</State>;
  return quality.registrable ? <State tone="ok">{qualities.good}</State> : <State tone="bad">{qualities.poor}</State>;
}
