import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Blank } from "../../parts/loaded.tsx";
import { Lane, Wall } from "../../parts/wall/wall.tsx";
import { onErased } from "../../state/erased.ts";
import { onAlarm } from "../../state/live/alerts.ts";
import { onArrivals, pause } from "../../state/live/arrivals.ts";
import { lostSince } from "../../state/live/feed.ts";
import { lastSeen } from "../../state/live/standing.ts";
import { session } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { screenWords } from "../../words/screen.ts";
import { AlarmBanner } from "./alarm.tsx";
import { Alarms } from "./alarms.ts";
import { keepAwake } from "./awake.ts";
import { ScreenBar } from "./bar.tsx";
import { ScreenHead } from "./head.tsx";
import { facesOf, screenSize } from "./size.ts";

/** Who is at the gates, in large. In a frame, there may be no one who has a link to it. */
export function ScreenPage() {
  if (session.value === null) return <Blank icon="key" title={screenWords.value.needsLink} />;
  return <Screen />;
}

/** For a screen on a wall that no one touches all day. */
function Screen() {
  const alarms = useMemo(() => new Alarms(), []);
  useEffect(() => followAlarms(alarms), []);
  useEffect(keepAwake, []);
  useEffect(followPointer, []);
  // A screen that was paused on the page before would show nothing new.
  useEffect(() => pause(false), []);
  const look = [isResting.value && "resting", lostSince.value !== null && "cut"].filter(Boolean).join(" ");
  return (
    <div class={`screen ${look}`}>
      <ScreenHead />
      <div class="screen-stage">
        <section class="stage" aria-labelledby="stage">
          <h2 class="hide" id="stage">
            {words.value.live.passings}
          </h2>
          <Wall faces={facesOf[screenSize.value]} />
        </section>
        <div class="screen-lane whole-rows" inert>
          <Lane />
        </div>
      </div>
      <AlarmBanner alarms={alarms} />
      <ScreenBar />
    </div>
  );
}

function followAlarms(alarms: Alarms): () => void {
  const ends = [
    onAlarm((event) => alarms.ring(event)),
    onArrivals((_, updated) => alarms.refresh(updated)),
    onErased(
      (isErased) => alarms.forget(isErased),
      () => alarms.held(),
    ),
    lastSeen.subscribe((ids) => alarms.decide(ids, words.peek().live.seen)),
  ];
  return () => {
    for (const end of ends) end();
    alarms.close();
  };
}

/** Whether no one has moved the pointer for a while: then it is hidden, and the bar with it. */
const isResting = signal(true);

const restMs = 3000;

/** Follows the pointer and the keyboard. Returns the function that ends it. */
function followPointer(): () => void {
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
