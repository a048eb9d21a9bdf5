import { clockTime } from "../format/time.ts";
import { State } from "../parts/state.tsx";
import { now } from "../state/clock.ts";
import { words } from "../words/index.ts";
import { counts } from "./feed.ts";
import { isFullScreen } from "./full-screen.ts";

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
