import { attempt } from "../../state/failure.ts";
import { isManager } from "../../state/role.ts";
import { continueRoll, mayBeOver } from "../../state/roll/over.ts";
import { rollWords } from "../../words/roll.ts";
import { Button } from "../button.tsx";
import { Confirm } from "../dialog.tsx";

interface MayBeOverProps {
  of: { id: string; begunAt: string };
  onClose(): Promise<unknown>;
}

export function CloseRoll({ look, onClose }: { look: string; onClose(): Promise<unknown> }) {
  const w = rollWords.value;
  return (
    <Confirm label={w.close} look={look} title={w.closeTitle} why={w.closeWhy} onConfirm={() => attempt(onClose)} />
  );
}

/** Asks managers once whether a list is over that has been open for long. */
export function MayBeOver({ of, onClose }: MayBeOverProps) {
  const w = rollWords.value;
  if (!isManager.value || !mayBeOver(of)) return null;
  return (
    <span class="line may-be-over">
      <b>{w.isOver}</b>
      <CloseRoll look="small" onClose={onClose} />
      <Button look="small" onClick={() => continueRoll(of.id)}>
        {w.notOver}
      </Button>
    </span>
  );
}
