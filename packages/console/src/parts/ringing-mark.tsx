import type { Event } from "@gatepost/client";
import { minutesAndSeconds } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { ringing, silence } from "../state/live/ringing.ts";
import { isSoundBlocked } from "../state/live/sound.ts";
import { groupKey } from "../state/live/standing-groups.ts";
import { libraryOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** For how long the person of an event has been ringing in this browser; nothing if that is over. */
export function Rings({ of }: { of: Event }) {
  const since = ringing.value.get(groupKey(of, libraryOf));
  if (since === undefined) return null;
  const { rings, soundAfterClick } = words.value.live;
  return (
    <span class="rings">
      <Icon name={isSoundBlocked.value ? "mute" : "sound"} />
      <span aria-live="off">
        {isSoundBlocked.value ? soundAfterClick : rings(minutesAndSeconds(now.value - since))}
      </span>
    </span>
  );
}

/** Silences the person of an event in this browser. */
export function Silence({ of }: { of: Event }) {
  const key = groupKey(of, libraryOf);
  if (!ringing.value.has(key)) return null;
  return (
    <Button icon="mute" look="small" onClick={() => silence(key)}>
      {words.value.live.silence}
    </Button>
  );
}
