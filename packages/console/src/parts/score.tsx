import type { Event } from "@gatepost/client";
import { matchOf, poorMatch } from "../format/event.ts";
import { words } from "../words/index.ts";

/** The match of 100 as a bar and a number; nothing where the box sent none. */
export function Score({ of }: { of: Pick<Event, "score" | "scoreScale"> }) {
  const match = matchOf(of);
  if (match === null) return null;
  return (
    <span class="score">
      <svg viewBox="0 0 48 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="48" height="4" />
        <rect class={match < poorMatch ? "fill low" : "fill"} width={((48 * match) / 100).toFixed(1)} height="4" />
      </svg>
      <span class="hide">{words.value.match} </span>
      {match.toFixed(0)}
    </span>
  );
}
