import { boxNameOf } from "../format/event.ts";
import { clockTime, duration, longDay } from "../format/time.ts";
import { Logo } from "../parts/logo.tsx";
import { State } from "../parts/mark.tsx";
import { now } from "../state/clock.ts";
import { lostSince } from "../state/live/feed.ts";
import { useLoading } from "../state/loading.ts";
import { words } from "../words/index.ts";
import { screenWords } from "../words/screen.ts";
import { everyMs, listHealth } from "./health.ts";
import { screenSite, useSiteName } from "./site.ts";

/** Which site, whether its boxes report, the day and the time. */
export function ScreenHead() {
  const name = useSiteName();
  const since = lostSince.value;
  return (
    <header class="top">
      <h1 class="hide">{words.value.pages.screen}</h1>
      <span class="brand">
        <Logo />
        <bdi>{name ?? "Gatepost"}</bdi>
      </span>
      <span class="line" role="status">
        {since === null ? <Health /> : <State tone="bad">{screenWords.value.lost(clockTime(since))}</State>}
      </span>
      <span class="end date">{longDay(now.value)}</span>
      <span class="clock">{clockTime(now.value)}</span>
    </header>
  );
}

function Health() {
  const w = screenWords.value;
  const site = screenSite.value;
  const { state } = useLoading(`health ${site}`, (signal) => listHealth(site, signal), { every: everyMs });
  const health = state.value.value;
  if (health === null) return null;
  const [first] = health.silentBoxes;
  return (
    <>
      <State tone="ok" mark="ok">
        {w.reporting(health.reporting)}
      </State>
      {health.silent === 0 ? (
        <span class="quiet">{w.silent(0)}</span>
      ) : (
        <State tone="bad">
          {first === undefined || first.since === null ? (
            w.silent(health.silent)
          ) : (
            <bdi>{w.silentOne(boxNameOf(first), duration(now.value - Date.parse(first.since)))}</bdi>
          )}
          {first !== undefined && health.silent > 1 ? ` ${w.more(health.silent - 1)}` : null}
        </State>
      )}
    </>
  );
}
