import type { Action, ActionDelivery, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { deliveryWords, matchOf, placeOf } from "../format/event.ts";
import { near } from "../format/time.ts";
import { CompareDialog } from "../parts/acting/compare-dialog.tsx";
import { RegisterDialog } from "../parts/acting/register-dialog.tsx";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Tick } from "../parts/many.tsx";
import { State, type Tone, toneOf } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { Item, Opener } from "../parts/popover.tsx";
import { Ago } from "../parts/text.tsx";
import { isOpen, titleOf } from "../state/acting/decided.ts";
import { decline, settle } from "../state/acting/deciding.ts";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { copy } from "../state/notice.ts";
import { isManager, mayJudge } from "../state/role.ts";
import { go } from "../state/route.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";
import { chosen } from "./chosen-bar.tsx";
import { Ordered, Undo } from "./ordered.tsx";

interface TaskProps {
  action: Action;
  /** @param isRange whether all rows from the one that was chosen last are meant */
  onToggle(isRange: boolean): void;
  onChanged(changed: Action): void;
}

/** One action that the user must answer: its pictures, the people who were notified, and the possible answers. */
export function Task({ action, onToggle, onChanged }: TaskProps) {
  const { event = null, wantAction, at, box } = action;
  const match = event === null ? null : matchOf(event);
  const isChosen = chosen.has(action.id);
  return (
    <li class={`ask panel ${isOpen(action) ? "" : "over"} ${isChosen ? "sel" : ""}`}>
      {mayJudge.value ? (
        <Tick what={titleOf(action)} isOn={isChosen} disabled={!isOpen(action)} onToggle={onToggle} />
      ) : null}
      <Pictures event={event} wantAction={wantAction} />
      <div class="about gap">
        <h2>
          <a href={addressOf("event", action.eventId)}>
            <bdi>{titleOf(action)}</bdi>
          </a>
        </h2>
        <Became of={action} />
        <span class="meta">
          {wantAction} · <bdi>{event === null ? box : placeOf(event)}</bdi>
          {match === null || wantAction === "1001" ? null : ` · ${words.value.matchShort(match.toFixed(0))}`}
          {" · "}
          {near(at, now.value)}
          {actionWords.value.comma}
          <Ago at={at} />
        </span>
        <Before of={action} />
      </div>
      {action.approval === null ? <DeliveryList action={action} /> : <Ordered approval={action.approval} />}
      <Answers action={action} onChanged={onChanged} />
    </li>
  );
}

/** What became of it, and by whom if a person has decided it. */
function Became({ of: action }: { of: Action }) {
  const { state, reason } = action;
  return (
    <span class="line">
      <State tone={toneOf[state]}>
        <bdi>
          {state === "failed" && reason !== null
            ? actionWords.value.failedWhy(inLanguageOrAsIs(reason))
            : becameOf(action)}
        </bdi>
      </State>
    </span>
  );
}

function becameOf({ state, decline, approval, wantAction }: Action): string {
  const w = actionWords.value;
  const decliner = decline?.byName ?? null;
  if (state === "declined" && decliner !== null) return w.declinedBy(decliner);
  const approver = approval?.isAutomatic === false && approval.order === "approve" ? (approval.byName ?? null) : null;
  if (state === "done" && wantAction === "1001" && approver !== null) return w.registeredBy(approver);
  return w.states[state];
}

/** That the same person was declined before. */
function Before({ of: { declinedBefore, state } }: { of: Action }) {
  if (declinedBefore === undefined || declinedBefore === null || state === "declined") return null;
  const { at, byName } = declinedBefore;
  return <bdi class="meta">{actionWords.value.before(near(at, now.value), byName ?? "–")}</bdi>;
}

/** px of a picture. Only those near the view are loaded: the list is long. */
const place = { width: 96, height: 120, isLazy: true } as const;

function Pictures({ event, wantAction }: { event: Event | null; wantAction: "1001" | "1002" }) {
  const { pictures: w } = words.value;
  const hasRegistered = wantAction === "1002" && event?.pictures.registered !== undefined;
  return (
    <div class="pics">
      {event !== null && hasRegistered ? (
        <Picture of={event} kind="registered" alt={w.registered} {...place} />
      ) : (
        <span class="empty-pic">{w.none.registered}</span>
      )}
      <Icon name="right" />
      {event?.pictures.face === undefined ? (
        <span class="empty-pic">{w.none.face}</span>
      ) : (
        <Picture of={event} kind="face" alt={w.face} {...place} />
      )}
    </div>
  );
}

const tones: Record<ActionDelivery["state"], Tone> = {
  delivered: "ok",
  waiting: "wait",
  dead: "bad",
  "too-late": "wait",
  held: "wait",
};

/** Who was told, how often, and with what answer. */
function DeliveryList({ action }: { action: Action }) {
  const w = actionWords.value;
  const { deliveries } = action;
  if (deliveries === undefined) return <span />;
  if (deliveries === null) return <p class="quiet">{w.unknownOnAws}</p>;
  return (
    <ul class="told" aria-label={w.told}>
      {deliveries.length === 0 ? (
        <li>
          <State tone="wait" />
          <b>{w.nobody}</b>
        </li>
      ) : (
        deliveries.map((delivery) => (
          <li key={delivery.rule}>
            <State tone={tones[delivery.state]} />
            <b>
              <bdi>{delivery.rule}</bdi>
            </b>
            <bdi class="quiet">{deliveryWords(delivery)}</bdi>
          </li>
        ))
      )}
    </ul>
  );
}

interface AnswersProps {
  action: Action;
  onChanged(changed: Action): void;
}

/** What the user may do about an action: a guard declines and compares, a manager does everything, a read key nothing. */
function Answers({ action, onChanged }: AnswersProps) {
  const w = actionWords.value;
  const isApproving = useSignal(false);
  const { wantAction, approval } = action;
  if (!mayJudge.value) return <span />;
  const isOff = !isOpen(action);
  const isUnderWay = approval?.isOpen === true;
  const Dialogue = wantAction === "1001" ? RegisterDialog : CompareDialog;
  const mayLook = isManager.value || wantAction === "1002";
  return (
    <div class="buttons">
      {isUnderWay || !mayLook ? null : (
        <Button
          look={isManager.value ? "main" : "wide"}
          disabled={isOff}
          aria-haspopup="dialog"
          onClick={() => (isApproving.value = true)}
        >
          {w.approve[wantAction]}
        </Button>
      )}
      {isApproving.value ? (
        <Dialogue action={action} onApproved={onChanged} onClose={() => (isApproving.value = false)} />
      ) : null}
      {isUnderWay ? null : (
        <Button disabled={isOff} onClick={() => decline([action])}>
          {w.decline}
        </Button>
      )}
      {isManager.value ? <More action={action} isOff={isOff} /> : null}
      <Undo action={action} onUndone={onChanged} />
    </div>
  );
}

/** The rarer answers, and ways to the event. */
function More({ action, isOff }: { action: Action; isOff: boolean }) {
  const w = actionWords.value;
  const event = addressOf("event", action.eventId);
  return (
    <Opener label={w.moreAbout(titleOf(action))} icon="more" look="icon">
      {(close) => (
        <ul class="choices">
          {isOff ? null : <Item text={w.markDone} close={close} onChoose={() => settle([action], "done")} />}
          {isOff || action.state === "failed" ? null : (
            <Item text={w.markFailed} close={close} onChoose={() => settle([action], "failed")} />
          )}
          <Item text={w.toEvent} close={close} onChoose={() => go("event", action.eventId)} />
          <Item
            text={words.value.event.copyLink}
            close={close}
            onChoose={() => void copy(new URL(event, location.href).href)}
          />
        </ul>
      )}
    </Opener>
  );
}
