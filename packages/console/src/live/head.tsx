import { useComputed } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { BoxFacet, KindFacet, SiteFacet } from "../events/facets.tsx";
import { count } from "../format/number.ts";
import { clockTime } from "../format/time.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { addressOf } from "../state/address.ts";
import { query } from "../state/route.ts";
import { words } from "../words/index.ts";
import { isPaused, pause, recent, sincePaused, unshown } from "./arrivals.ts";
import { connection, counts, missed } from "./feed.ts";
import { Kiosk } from "./kiosk.tsx";
import { PhoneChoices } from "./phone-choices.tsx";
import { openScreen } from "./screen-address.ts";
import { isSoundBlocked } from "./sound.ts";
import { SoundChoice } from "./sound-choice.tsx";

let onShown: (() => void) | null = null;

/** Shows the waiting events of a list that is held: for the key `.`. Null if none wait. */
export const showNew = (): unknown => (onShown === null ? null : onShown());

interface PillProps {
  count: number;
  /** Null: the list shows all there is, and the key does nothing. */
  onShow: (() => void) | null;
}

export function Pill({ count, onShow }: PillProps) {
  // Not after painting: the pill of a list that is left would take away what this one has set.
  useLayoutEffect(() => {
    onShown = onShow;
    return () => {
      onShown = null;
    };
  });
  return (
    <div aria-live="polite" class="pill-place">
      {count === 0 ? null : (
        <button class="pill" type="button" onClick={onShow ?? undefined}>
          <Icon name="up" />
          {words.value.live.fresh(count)} <kbd>.</kbd>
        </button>
      )}
    </div>
  );
}

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
