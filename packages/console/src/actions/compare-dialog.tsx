import type { Event, RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { blink, endBlink, startBlink } from "../event/compare.tsx";
import { dayMs } from "../format/durations.ts";
import { matchOf, nameOf, placeOf } from "../format/event.ts";
import { clockTime, shortDay } from "../format/time.ts";
import { Button, KeyHint } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Kind, State } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { BoxText } from "../parts/text.tsx";
import { now } from "../state/clock.ts";
import { isManager } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Captured } from "./captured.tsx";
import { sendForm, useDecideKeys } from "./decide-keys.ts";
import { decline } from "./deciding.ts";
import { photoOf, usePhoto } from "./photo.ts";
import { boxesIn, isPlaced, Places, usePlaces } from "./places.tsx";
import { actionWords } from "./words.ts";

/** Days for which a bridge keeps the old photo. */
const keptDays = 7;

interface CompareDialogProps {
  action: RequestedAction;
  onApproved(changed: RequestedAction): void;
  onClose(): void;
}

/** Shows the registered photo and the captured one at the same size, and takes the captured one if the user wishes. */
export function CompareDialog({ action, onApproved, onClose }: CompareDialogProps) {
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
  const isReady = shown.url !== null && registered.value !== "waits" && isPlaced(places);
  const take = async () => {
    if (!isReady) return;
    const body = { ...boxesIn(places), ...(photo === null ? {} : { photo: photo.sha256 }) };
    onApproved(await gatepost().ask("POST /v1/actions/{id}/approval", { path: { id }, body }));
  };
  const refuse = () => {
    onClose();
    decline([action]);
  };
  useDecideKeys({
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
      under={event === null ? null : <About event={event} />}
      does={isManager.value ? does : null}
      hint="⏎"
      isReady={isReady}
      onSend={take}
      onClose={onClose}
      others={
        <Button onClick={refuse}>
          {w.decline} <KeyHint of="D" />
        </Button>
      }
    >
      <div class="same" ref={stage} tabIndex={-1}>
        <figure>
          <span class="frame">
            {event === null || !hasRegistered ? (
              <span class="pic missing">{words.value.pictures.none.registered}</span>
            ) : (
              <Picture
                of={event}
                kind="registered"
                alt={words.value.pictures.registered}
                width={256}
                height={320}
                onSize={() => (registered.value = "there")}
                onFailed={() => (registered.value = "missing")}
              />
            )}
            {blink.value === true ? <Captured photo={photo} shown={shown} look="pic upon" /> : null}
          </span>
          <figcaption>{w.registeredNow}</figcaption>
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

function About({ event }: { event: Event }) {
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
    </p>
  );
}

/** What the box says of the picture. */
function Quality({ of: { quality } }: { of: Event }) {
  const { qualities } = words.value.event;
  if (quality.registrable === null) return <State tone="">{qualities.unknown}</State>;
  return quality.registrable ? <State tone="ok">{qualities.good}</State> : <State tone="bad">{qualities.poor}</State>;
}
