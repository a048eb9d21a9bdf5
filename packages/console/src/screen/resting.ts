import { signal } from "@preact/signals";

/** Whether no one has moved the pointer for a while: then it is hidden, and the bar with it. */
export const isResting = signal(true);

const restMs = 3000;

/** Follows the pointer and the keyboard. Returns the function that ends it. */
export function followPointer(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = "";
  const rest = () => {
    // A user of the keyboard would lose the place in the bar.
    if (document.activeElement?.matches(".screen-bar :focus-visible") === true) later();
    else isResting.value = true;
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(rest, restMs);
  };
  const wake = () => {
    isResting.value = false;
    later();
  };
  // Browsers also report a resting pointer when the page moves under it.
  const move = ({ screenX, screenY }: PointerEvent) => {
    const at = `${screenX} ${screenY}`;
    if (last !== "" && last !== at) wake();
    last = at;
  };
  addEventListener("pointermove", move);
  addEventListener("pointerdown", wake);
  addEventListener("keydown", wake);
  return () => {
    clearTimeout(timer);
    removeEventListener("pointermove", move);
    removeEventListener("pointerdown", wake);
    removeEventListener("keydown", wake);
    isResting.value = true;
  };
}
