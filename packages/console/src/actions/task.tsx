import type { Event, RequestedAction } from "@gatepost/client";
import { matchOf, placeOf } from "../format/event.ts";
import { near } from "../format/time.ts";
import { Icon } from "../parts/icon.tsx";
import { Tick } from "../parts/many.tsx";
import { State, toneOf } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { Ago } from "../parts/text.tsx";
import { isOpen, titleOf } from "../state/actions/decided.ts";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { mayJudge } from "../state/role.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";
import { Answers } from "./answers.tsx";
import { chosen } from "./chosen-bar.tsx";
import { Ordered } from "./ordered.tsx";
import { DeliveryList } from "./told.tsx";

interface TaskProps {
  action: RequestedAction;
  /** @param isRange whether all rows from the one that was chosen last are meant */
  onToggle(isRange: boolean): void;
  onChanged(changed: RequestedAction): void;
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
function Became({ of: action }: { of: RequestedAction }) {
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

function becameOf({ state, decline, approval, wantAction }: RequestedAction): string {
  const w = actionWords.value;
  const decliner = decline?.byName ?? null;
  if (state === "declined" && decliner !== null) return w.declinedBy(decliner);
  const approver = approval?.isAutomatic === false && approval.order === "approve" ? (approval.byName ?? null) : null;
  if (state === "done" && wantAction === "1001" && approver !== null) return w.registeredBy(approver);
  return w.states[state];
}

/** That the same person was declined before. */
function Before({ of: { declinedBefore, state } }: { of: RequestedAction }) {
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
