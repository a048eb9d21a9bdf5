import { clockTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { here } from "../state/clock.ts";
import { connection, lostSince, tryNow } from "../state/live/feed.ts";
import { words } from "../words/index.ts";

/** A pause that is hardly noticed is not spoken of. */
const shortMs = 1500;

/** Says at the foot of every page that there is no connection, that nothing is lost, and when it is tried again. */
export function Strip() {
  const [state, since] = [connection.value, lostSince.value];
  const retryAt = state.is === "waiting" ? state.retryAt : here.value;
  if (since === null || Math.max(here.value, retryAt) - since < shortMs) return null;
  const { connection: w } = words.value;
  return (
    <div class="strip">
      <Icon name="off" />
      <span role="alert">
        <b>{w.lost(clockTime(since))}</b> <Next at={retryAt} />
      </span>
      <Button look="small end" onClick={tryNow}>
        {w.tryNow}
      </Button>
    </div>
  );
}

/** The seconds are counted for the eye alone: a reader of the page is told once. */
function Next({ at }: { at: number }) {
  const { connection: w } = words.value;
  const seconds = Math.ceil((at - here.value) / 1000);
  return <span aria-live="off">{seconds > 0 ? w.kept(seconds) : w.keptTrying}</span>;
}
