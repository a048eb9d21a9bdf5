import { computed, signal } from "@preact/signals";

/** Why the list is held. */
type Because = "pointer" | "focus" | "touch" | "dialogue";

/** ms for which a list is held after a finger was on it, and after the last reason has ended. */
const touchMs = 3000;
const letGoMs = 400;

const reasons = signal<ReadonlySet<Because>>(new Set());
let timer: ReturnType<typeof setTimeout> | undefined;
let touchTimer: ReturnType<typeof setTimeout> | undefined;

/** Whether the list of persons who stand out is held: a user points at it, or has the focus in it. */
export const isHeld = computed(() => reasons.value.size > 0);

export function hold(because: Because): void {
  clearTimeout(timer);
  if (!reasons.peek().has(because)) reasons.value = new Set([...reasons.peek(), because]);
}

export function letGo(because: Because): void {
  if (!reasons.peek().has(because)) return;
  const left = new Set([...reasons.peek()].filter((one) => one !== because));
  if (left.size > 0) {
    reasons.value = left;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(letGoAtOnce, letGoMs);
}

export function letGoAtOnce(): void {
  clearTimeout(timer);
  reasons.value = new Set();
}

export function touched(): void {
  hold("touch");
  clearTimeout(touchTimer);
  touchTimer = setTimeout(() => letGo("touch"), touchMs);
}
