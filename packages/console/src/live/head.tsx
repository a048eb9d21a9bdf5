import { useComputed } from "@preact/signals";
import { count } from "../format/number.ts";
import { clockTime } from "../format/time.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { BoxFacet, KindChoices, KindFacet, SiteFacet } from "../parts/facets.tsx";
import { Choice } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Kiosk, openScreen } from "../parts/kiosk.tsx";
import { Opener } from "../parts/popover.tsx";
import { addressOf } from "../state/address.ts";
import { isPaused, pause, recent, sincePaused, unshown } from "../state/live/arrivals.ts";
import { connection, counts, missed } from "../state/live/feed.ts";
import { isSoundBlocked, isSoundOn } from "../state/live/sound.ts";
import { useLoading } from "../state/loading.ts";
import { query, setQuery } from "../state/route.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { SoundChoice, SoundChoices } from "./sound-choice.tsx";

export function LiveHead({ isList }: { isList: boolean }) {
  const { live: w, pages } = words.value;
  return (
    <header class="head">
      <h1>{pages.live}</h1>
      <Kiosk />
      <Figures />
      <span class="line end tools">
        <span class="desk line">
          <SiteFacet />
          <BoxFacet />
          <KindFacet />
        </span>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are two links. */}
        <span class="seg" role="group" aria-label={w.view}>
          <ViewLink is={!isList} view={null} />
          <ViewLink is={isList} view="list" />
        </span>
        <Button icon="pause" aria-pressed={isPaused.value} onClick={() => pause(!isPaused.value)}>
          {w.pause}
        </Button>
        <span class="desk">
          <SoundChoice />
        </span>
        <span class="phone">
          <PhoneChoices />
        </span>
        <IconButton icon="full" label={pages.screen} look="desk" onClick={openScreen} />
      </span>
    </header>
  );
}

function ViewLink({ is, view }: { is: boolean; view: "list" | null }) {
  const { view: _, ...rest } = query.value;
  return (
    <a
      href={addressOf("live", null, view === null ? rest : { ...rest, view: [view] })}
      aria-current={is ? "true" : undefined}
    >
      <Icon name={view === null ? "grid" : "list"} />
      {view === null ? words.value.live.wall : words.value.live.list}
    </a>
  );
}

/** How many events today and how fast; or that the list is paused, and since when. */
function Figures() {
  const text = useComputed(
    () => exceptional() ?? [todayText(), speedText(), blockedText()].filter((part) => part !== null).join(" · "),
  );
  return (
    <span class="say figures" role="status">
      {text}
    </span>
  );
}

function exceptional(): string | null {
  const { live: w, connection: c } = words.value;
  if (isPaused.value) return w.paused(sincePaused.value);
  if (missed.value > 0) return c.missed(missed.value);
  if (unshown.paused.value > 0) return w.morePaused(unshown.paused.value);
  return unshown.hidden.value > 0 ? w.moreHidden(unshown.hidden.value) : null;
}

const todayText = () => (counts.value === null ? "…" : words.value.live.today(counts.value.today));

const blockedText = () => (isSoundBlocked.value ? words.value.live.soundAfterClick : null);

function speedText(): string | null {
  const { live: w } = words.value;
  const newest = recent.value[0];
  if (connection.value.is === "waiting" && newest !== undefined) return w.stopped(clockTime(newest.receivedAt));
  const perSecond = counts.value?.perSecond ?? 0;
  return perSecond > 0 ? w.rate(count(Math.round(perSecond * 10) / 10)) : null;
}

/** The filters of the live page that a phone offers. */
const filters = ["site", "type"] as const;

/** The sound and the filters of a phone, behind one button that shows how many filters are set. */
function PhoneChoices() {
  const { live: w } = words.value;
  const set = filters.filter((name) => (query.value[name] ?? []).length > 0).length;
  return (
    <Opener
      label={[w.soundAndFilters, set > 0 ? set : null, isSoundBlocked.value ? w.soundAfterClick : null]
        .filter(Boolean)
        .join(" · ")}
      icon={isSoundOn.value ? "sound" : "mute"}
      look={set > 0 ? "on" : isSoundOn.value ? "icon on" : "icon"}
      text={set === 0 ? undefined : set}
    >
      {() => (
        <>
          <SoundChoices />
          <Filters />
        </>
      )}
    </Opener>
  );
}

function Filters() {
  const { filters: w } = words.value;
  const { state } = useLoading("sites", listSites);
  const sites = state.value.value ?? [];
  const [site = ""] = query.value["site"] ?? [];
  return (
    <div class="gap">
      {sites.length < 2 && site === "" ? null : (
        <Choice
          label={w.site}
          chosen={site}
          choices={[["", words.value.live.allSites], ...sites.map((one) => [one.id, siteNameOf(one)] as const)]}
          onChoose={(id) => setQuery({ site: id === "" ? null : id })}
        />
      )}
      <fieldset class="gap">
        <legend>{w.kind}</legend>
        <KindChoices />
      </fieldset>
    </div>
  );
}
