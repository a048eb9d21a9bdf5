import type { RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { CompareDialog } from "../parts/actions/compare-dialog.tsx";
import { RegisterDialog } from "../parts/actions/register-dialog.tsx";
import { Button } from "../parts/button.tsx";
import { Item, Opener } from "../parts/popover.tsx";
import { isOpen, titleOf } from "../state/actions/decided.ts";
import { decline, settle } from "../state/actions/deciding.ts";
import { addressOf } from "../state/address.ts";
import { copy } from "../state/notice.ts";
import { isManager, mayJudge } from "../state/role.ts";
import { go } from "../state/route.ts";
import { actionWords } from "../words/actions.ts";
import { Undo } from "./ordered.tsx";

interface AnswersProps {
  action: RequestedAction;
  onChanged(changed: RequestedAction): void;
}

/** What the user may do about an action: a guard declines and compares, a manager does everything, a read key nothing. */
export function Answers({ action, onChanged }: AnswersProps) {
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
function More({ action, isOff }: { action: RequestedAction; isOff: boolean }) {
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
          <Item text={w.copyLink} close={close} onChoose={() => void copy(new URL(event, location.href).href)} />
        </ul>
      )}
    </Opener>
  );
}
