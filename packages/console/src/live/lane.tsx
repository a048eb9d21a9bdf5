import { words } from "../words/index.ts";
import { LatestCard } from "./latest-card.tsx";
import { StandOut } from "./stand-out.tsx";

/** Beside the wall: the newest passing in large, and those who stand out until somebody has seen them. */
export function Lane() {
  return (
    <aside class="lane" aria-label={words.value.live.lane}>
      <LatestCard />
      <StandOut />
    </aside>
  );
}
