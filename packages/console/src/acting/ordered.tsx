import type { Action } from "@gatepost/client";
import { near } from "../format/time.ts";
import { Confirm } from "../parts/dialog.tsx";
import { State, type Tone } from "../parts/mark.tsx";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { isManager } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";

type Approval = NonNullable<Action["approval"]>;

const tones: Record<Approval["boxes"][number]["state"], Tone> = { waiting: "wait", done: "ok", failed: "bad" };

/** The order, and its result at each box. */
export function Ordered({ approval }: { approval: Approval }) {
  const w = actionWords.value;
  return (
    <div class="gap ordered">
      <bdi class="quiet">{titleOf(approval)}</bdi>
      {approval.validFrom === null ? null : <span class="meta">{w.from(near(approval.validFrom, Date.now()))}</span>}
      {approval.validUntil === null ? null : <span class="meta">{w.until(near(approval.validUntil, Date.now()))}</span>}
      {approval.host === null ? null : <bdi class="meta">{w.hostOf(approval.host)}</bdi>}
      {approval.isAutomatic ? null : <bdi class="meta">{approval.byName ?? approval.by}</bdi>}
      <ul class="told" aria-label={w.atBoxes}>
        {approval.boxes.map(({ box, state, reason }) => (
          <li key={box}>
            <State tone={tones[state]} label={w.atBox[state]} />
            <b>
              <bdi>{box}</bdi>
            </b>
            <bdi class="quiet">{reason === null ? w.atBox[state] : inLanguageOrAsIs(reason)}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

function titleOf({ order, isAutomatic, name, person, type, group }: Approval): string {
  const w = actionWords.value;
  const { kinds } = words.value;
  const who = [name ?? person, type === null ? null : kinds[type], group].filter(Boolean).join(" · ");
  if (order === "undo") return w.undoing(who);
  return isAutomatic ? w.automatic : w.approved(who);
}

/** Restores the boxes as they were, after the user has confirmed it. */
export function Undo({ action, onUndone }: { action: Action; onUndone(changed: Action): void }) {
  const w = actionWords.value;
  const undo = async () => {
    const path = { id: action.id };
    onUndone((await gatepost().ask("POST /v1/actions/{id}/approval/undo", { path })) as Action);
  };
  if (!isManager.value || !isUndoable(action)) return null;
  return <Confirm label={words.value.undo} look="small over" title={w.undoTitle} why={w.undoWhy} onConfirm={undo} />;
}

/** Whether something may have been changed on a box that can be undone. */
function isUndoable({ approval }: Action): boolean {
  if (approval === null) return false;
  return approval.order === "approve" || (!approval.isOpen && approval.boxes.some(({ state }) => state === "failed"));
}
