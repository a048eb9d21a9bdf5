import { signal } from "@preact/signals";
import { minuteMs } from "../../format/durations.ts";
import { now } from "../clock.ts";

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
export const mayBeOver = ({ id, begunAt }: { id: string; begunAt: string }): boolean =>
  now.value - Date.parse(begunAt) >= longMs && !continued.value.includes(id);

/** Lists that are remembered: a site has one open list. */
const maxRemembered = 100;

/** Does not ask about a list again. */
export function continueRoll(id: string): void {
  continued.value = [id, ...continued.peek()].slice(0, maxRemembered);
  // A browser that keeps nothing asks again after a reload.
  try {
    localStorage.setItem(name, continued.peek().join(" "));
  } catch {}
}
