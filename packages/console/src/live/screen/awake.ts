import { signal } from "@preact/signals";

/** Whether the browser keeps this screen from going to sleep; null before it has answered. */
export const isAwake = signal<boolean | null>(null);

/** Whether the browser could do it here: by http it cannot. */
export const canStayAwake = () => "wakeLock" in navigator;

/**
 * Keeps the screen awake while the page is looked at. A browser gives it up when the page is hidden, so it is asked for
 * again on return. Returns the function that ends it.
 */
export function keepAwake(): () => void {
  let isOver = false;
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    if (isOver || document.hidden || (lock !== null && !lock.released)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      isAwake.value = true;
      lock.addEventListener("release", () => {
        isAwake.value = false;
      });
      if (isOver) void lock.release();
    } catch {
      isAwake.value = false;
    }
  };
  void ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
    isAwake.value = null;
  };
}
