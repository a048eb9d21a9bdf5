import type { Event, RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { placeOf, visible } from "../format/event.ts";
import { ago, near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { State, toneOf } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { isManager } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Approve } from "./approve.tsx";
import { Ordered, Undo } from "./ordered.tsx";
import { Told } from "./told.tsx";

/** One action that the user must answer: its pictures, the people who were notified, and the possible answers. */
export function Task({ action, onSettled }: { action: RequestedAction; onSettled(changed: RequestedAction): void }) {
  const { actions: w } = words.value;
  const { event = null, state, reason, wantAction, at, box } = action;
  return (
    <li class="task panel">
      <Pictures event={event} wantAction={wantAction} />
      <div class="gap">
        <h2>
          <a href={addressOf("event", action.eventId)}>
            <bdi>{titleOf(action)}</bdi>
          </a>
        </h2>
        <span class="line">
          <State tone={toneOf[state]}>{w.states[state]}</State>
        </span>
        {reason === null ? null : <bdi class="quiet">{reason}</bdi>}
        <span class="meta">
          {wantAction} · <bdi>{event === null ? box : placeOf(event)}</bdi> · {near(at, now.value)},{" "}
          {ago(at, now.value)}
        </span>
      </div>
      {action.approval === null ? <Told action={action} /> : <Ordered approval={action.approval} />}
      <Answers action={action} onSettled={onSettled} />
    </li>
  );
}

export function titleOf({ wantAction, event }: RequestedAction): string {
  const { wants } = words.value;
  const name = visible(event?.person.name ?? null);
  return wantAction === "1002" && name !== null ? wants["1002of"](name) : wants[wantAction];
}

function Pictures({ event, wantAction }: { event: Event | null; wantAction: "1001" | "1002" }) {
  const { pictures: w } = words.value;
  const hasRegistered = wantAction === "1002" && event?.pictures.registered !== undefined;
  return (
    <div class="pics">
      {event !== null && hasRegistered ? (
        <Picture of={event} kind="registered" alt={w.registered} />
      ) : (
        <span class="empty-pic">{w.none.registered}</span>
      )}
      <Icon name="right" />
      {event?.pictures.face === undefined ? (
        <span class="empty-pic">{w.none.face}</span>
      ) : (
        <Picture of={event} kind="face" alt={w.face} />
      )}
    </div>
  );
}

function Answers({ action, onSettled }: { action: RequestedAction; onSettled(changed: RequestedAction): void }) {
  const { actions: w } = words.value;
  const isBusy = useSignal(false);
  const isApproving = useSignal(false);
  const buttons = useRef<HTMLDivElement>(null);
  const settle = async (state: "done" | "failed") => {
    if (isBusy.value) return;
    isBusy.value = true;
    await attempt(async () => {
      const settled = (await gatepost().settle(action.id, state)) as RequestedAction;
      passFocus(buttons.current);
      onSettled(settled);
    });
    isBusy.value = false;
  };
  if (!isManager.value) return <span />;
  if (action.state === "done") return <Undo action={action} onUndone={onSettled} />;
  return (
    <div class="buttons" ref={buttons}>
      {action.approval?.isOpen === true ? null : (
        <Button onClick={() => (isApproving.value = true)}>{w.approve[action.wantAction]}</Button>
      )}
      {isApproving.value ? (
        <Approve action={action} onApproved={onSettled} onClose={() => (isApproving.value = false)} />
      ) : null}
      <Undo action={action} onUndone={onSettled} />
      <Button icon="check" aria-disabled={isBusy.value} onClick={() => void settle("done")}>
        {w.markDone}
      </Button>
      {action.state === "failed" ? null : (
        <Button aria-disabled={isBusy.value} onClick={() => void settle("failed")}>
          {w.failed}
        </Button>
      )}
    </div>
  );
}

/** The button that was pressed goes with the question. Its focus passes to the heading of the card. */
function passFocus(buttons: HTMLElement | null): void {
  if (buttons?.contains(document.activeElement)) buttons.closest("li")?.querySelector<HTMLElement>("h2 a")?.focus();
}
