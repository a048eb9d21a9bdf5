import type { ComponentChildren } from "preact";
import { AddBox } from "../parts/button.tsx";
import { Blank, Failed } from "../parts/loaded.tsx";
import { useLate } from "../parts/text.tsx";
import { isPhone } from "../parts/virtual-rows.tsx";
import { Lane, Wall } from "../parts/wall/wall.tsx";
import { beginning, fillArrivals, recent } from "../state/live/arrivals.ts";
import { tryNow } from "../state/live/feed.ts";
import { isWhole } from "../state/live/standing.ts";
import { parameter } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Say } from "../words/say.tsx";
import { LiveHead } from "./head.tsx";
import { LiveList } from "./list.tsx";

/** Who is at the gates, and is anyone there who should not be? */
export function LivePage() {
  const isList = parameter("view") === "list";
  return (
    <>
      <LiveHead isList={isList} />
      <Content isList={isList} />
    </>
  );
}

function Content({ isList }: { isList: boolean }) {
  const begun = beginning.value;
  if (begun.is === "failed" && recent.value.length === 0) {
    return <Failed failure={begun.failure} retryAt={begun.retryAt} onRetry={() => void fillArrivals().then(tryNow)} />;
  }
  if (begun.is === "there" && recent.value.length === 0) return <FirstUse />;
  return (
    <div class="live">
      <Lane />
      <Stage>{isList ? <LiveList /> : <Wall />}</Stage>
    </div>
  );
}

/** ms after which a phone shows the passings although it is not known who stands out. */
const patienceMs = 3000;

/** The passings. On a phone they are below the persons who stand out, and appear once their place is known. */
function Stage({ children }: { children: ComponentChildren }) {
  const isLate = useLate(patienceMs);
  if (isPhone() && !isWhole.value && !isLate) return null;
  return (
    <section class="stage" aria-labelledby="stage">
      <h2 class="hide" id="stage">
        {words.value.live.passings}
      </h2>
      {children}
    </section>
  );
}

function FirstUse() {
  const { live: w } = words.value;
  return (
    <Blank icon="boxes" title={w.emptyTitle} why={w.emptyWhy}>
      <AddBox />
      <span class="quiet">
        <Say text={w.emptyDemo} />
      </span>
    </Blank>
  );
}
