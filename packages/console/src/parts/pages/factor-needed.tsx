import { useEffect } from "preact/hooks";
import { shortDay, shortTime } from "../../format/time.ts";
import { now } from "../../state/clock.ts";
import { askTime, me } from "../../state/session.ts";
import { settingsWords } from "../../words/settings.ts";

/** Until when the user adds a second factor, or null if none is needed. */
export const untilOfMe = () => me.value?.account?.factorUntil ?? null;

/** Whether that time is over. The session is then of a new link or a recovery code, and may only add a factor. */
export const isOver = (until: string | null) => until !== null && Date.parse(until) <= now.value;

/** The sentence. */
export function sentenceOf(until: string): string {
  const { factors: w } = settingsWords.value;
  return isOver(until) ? w.neededNow : w.neededUntil(`${shortDay(until)} ${shortTime(until)}`);
}

/** Says above the factors of the user until when the user adds one. */
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
