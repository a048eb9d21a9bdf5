import type { Box } from "@gatepost/client";
import { boxNameOf } from "../../format/event.ts";
import { clockTime, duration, longDay } from "../../format/time.ts";
import { Logo } from "../../parts/logo.tsx";
import { State } from "../../parts/mark.tsx";
import { now } from "../../state/clock.ts";
import { lostSince } from "../../state/live/feed.ts";
import { readPages, useLoading } from "../../state/loading.ts";
import { openPages } from "../../state/role.ts";
import { gatepost } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { screenWords } from "../../words/screen.ts";
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

/** Ms after which it is asked for again. */
const everyMs = 30_000;

const pageSize = 200;
const maxPages = 20;

interface SiteHealth {
  reporting: number;
  silent: number;
  /** The silent ones by name, if the user may see boxes; those that are expected to be silent are left out. */
  silentBoxes: readonly Box[];
}

/** How many boxes of a site report, and which are silent; null if the user may not know. */
async function listHealth(site: string | null, signal: AbortSignal): Promise<SiteHealth | null> {
  const ofSite = site === null ? {} : { site };
  if (!openPages.peek().includes("boxes")) {
    const { boxes } = await gatepost().ask("GET /v1/counts", { query: ofSite, signal });
    return boxes === null ? null : { ...boxes, silentBoxes: [] };
  }
  const { items } = await readPages<Box>(
    (_, pages) => pages >= maxPages,
    async (from) => {
      const query = { limit: pageSize, ...ofSite, ...from };
      const { boxes, next = null } = await gatepost().ask("GET /v1/boxes", { query, signal });
      return { items: boxes, next };
    },
  );
  const silentBoxes = items.filter(({ state, silence }) => state === "silent" && !silence.isExpected);
  return {
    reporting: items.filter(({ state }) => state === "reports").length,
    silent: silentBoxes.length,
    silentBoxes,
  };
}
