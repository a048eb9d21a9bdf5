import { useEffect } from "preact/hooks";
import { shortDay, shortTime } from "../format/time.ts";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { address } from "../state/route.ts";
import { askTime, me } from "../state/session.ts";
import { words } from "../words/index.ts";

const untilOfMe = () => me.value?.account?.factorUntil ?? null;

/** The sentence. A time that is over is of a session by a new link. */
function sentenceOf(until: string): string {
  const w = words.value;
  return Date.parse(until) <= now.value ? w.factorNow : w.factorUntil(`${shortDay(until)} ${shortTime(until)}`);
}

/** Says on every page but Settings until when the user adds a second factor, and leads to it. */
export function FactorStrip() {
  const until = untilOfMe();
  if (until === null || address.value.page === "settings") return null;
  return (
    <div class="roll-strips">
      <p class="note warn" role="status">
        <span>
          {sentenceOf(until)}{" "}
          <a href={addressOf("settings", "you", { act: ["factor"] })}>
            <u>{words.value.addFactor}</u>
          </a>
        </span>
      </p>
    </div>
  );
}

/** Says the same above the factors of the user. */
export function FactorNeeded({ until }: { until: string | null }) {
  // The other pages say it no more once there is one.
  useEffect(() => {
    if (until !== untilOfMe()) void askTime().catch(() => null);
  }, [until]);
  if (until === null) return null;
  return (
    <div class="body">
      <p class="note warn" role="status">
        {sentenceOf(until)}
      </p>
    </div>
  );
}
