import { signal } from "@preact/signals";

/** Whether the page fills the screen: then the rail is hidden, and a clock and the boxes' health are shown. */
export const isFullScreen = signal(false);

export function toggleFullScreen(): void {
  if (document.fullscreenElement === null) void document.documentElement.requestFullscreen?.().catch(() => {});
  else void document.exitFullscreen();
}

export function followFullScreen(): void {
  document.addEventListener("fullscreenchange", () => {
    isFullScreen.value = document.fullscreenElement !== null;
    document.body.classList.toggle("kiosk", isFullScreen.value);
  });
}
