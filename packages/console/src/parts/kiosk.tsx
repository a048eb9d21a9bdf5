import { signal } from "@preact/signals";
import { clockTime } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { counts } from "../state/live/feed.ts";
import { go, query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { State } from "./mark.tsx";

/** Whether the page fills the screen: then the rail is hidden, and a clock and the boxes' health are shown. */
const isFullScreen = signal(false);

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

/** On a wall screen: which boxes are silent, and a clock. */
export function Kiosk() {
  if (!isFullScreen.value) return null;
  const silent = counts.value?.silent ?? 0;
  return (
    <>
      {silent > 0 ? <State tone="bad">{words.value.live.kiosk.silent(silent)}</State> : null}
      <span class="clock">{clockTime(now.value)}</span>
    </>
  );
}

/** Opens screen mode with the filter of the wall. */
export function openScreen(): void {
  const { view: _, ...filter } = query.peek();
  go("screen", null, filter);
}

/** Back to Live, with the same filter. */
export function leaveScreen(): void {
  const { screen: _, size: __, theme: ___, ...filter } = query.peek();
  go("live", null, filter);
}
