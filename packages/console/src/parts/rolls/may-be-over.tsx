import { signal } from "@preact/signals";
import { minuteMs } from "../../format/durations.ts";
import { now } from "../../state/clock.ts";
import { isManager } from "../../state/role.ts";
import { rollWords } from "../../words/roll.ts";
import { Button } from "../button.tsx";
import { Confirm } from "../dialog.tsx";

interface MayBeOverProps {
  of: { id: string; begunAt: string };
  onClose(): Promise<unknown>;
}

export function CloseRoll({ look, onClose }: { look: string; onClose(): Promise<unknown> }) {
  const w = rollWords.value;
  return <Confirm label={w.close} look={look} title={w.closeTitle} why={w.closeWhy} onConfirm={onClose} />;
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

/** ms after which an open evacuation list may have been forgotten. */
const longMs = 60 * minuteMs;

const name = "gatepost-rolls-not-over";

/** The open lists of which the user of this browser has said that they are not over. */
const continued = signal<readonly string[]>(remembered());

function remembered(): string[] {
  try {
    return (localStorage.getItem(name) ?? "").split(" ").filter((id) => id !== "");
  } catch {
    return [];
  }
}

/** Whether the page asks the user if a list is over. */
const mayBeOver = ({ id, begunAt }: { id: string; begunAt: string }): boolean =>
  now.value - Date.parse(begunAt) >= longMs && !continued.value.includes(id);

/** Lists that are remembered: a site has one open list. */
const maxRemembered = 100;

/** Does not ask about a list again. */
function continueRoll(id: string): void {
  continued.value = [id, ...continued.peek()].slice(0, maxRemembered);
  // A browser that keeps nothing asks again after a reload.
  try {
    localStorage.setItem(name, continued.peek().join(" "));
  } catch {}
}
