import { AddBox } from "../parts/button.tsx";
import { Blank, Failed } from "../parts/loaded.tsx";
import { Lane, Wall } from "../parts/wall/wall.tsx";
import { beginning, fillArrivals, recent } from "../state/live/arrivals.ts";
import { tryNow } from "../state/live/feed.ts";
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
      <section class="stage" aria-labelledby="stage">
        <h2 class="hide" id="stage">
          {words.value.live.passings}
        </h2>
        {isList ? <LiveList /> : <Wall />}
      </section>
    </div>
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
