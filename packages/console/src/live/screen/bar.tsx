import { useSignal } from "@preact/signals";
import { Button } from "../../parts/button.tsx";
import { leaveScreen, toggleFullScreen } from "../../parts/kiosk.tsx";
import { later } from "../../parts/later.tsx";
import { State } from "../../parts/mark.tsx";
import { isFramable } from "../../state/home.ts";
import { allowSound, isSoundOn } from "../../state/live/sound.ts";
import { prefer } from "../../state/preferences.ts";
import { isManager } from "../../state/role.ts";
import { setQuery } from "../../state/route.ts";
import { words } from "../../words/index.ts";
import { Say } from "../../words/say.tsx";
import { screenWords } from "../../words/screen.ts";
import { canStayAwake, isAwake } from "./awake.ts";
import { type Size, screenSize, sizes } from "./size.ts";

/** At the foot while the pointer is moved: all that can be pressed. */
export function ScreenBar() {
  const w = screenWords.value;
  return (
    <div class="screen-bar" role="toolbar" aria-label={w.bar}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons. */}
      <span class="seg" role="group" aria-label={w.size}>
        {sizes.map((size) => (
          <SizeButton key={size} size={size} />
        ))}
      </span>
      <Button icon="sound" aria-pressed={isSoundOn.value} onClick={toggleSound}>
        {w.sound}
      </Button>
      <Button icon="full" onClick={toggleFullScreen}>
        {words.value.live.full}
      </Button>
      {isManager.value && !isFramable() ? <LinkButton /> : null}
      <Sleep />
      {isFramable() ? null : (
        <Button look="end" onClick={leaveScreen}>
          {w.leave} <kbd>Esc</kbd>
        </Button>
      )}
    </div>
  );
}

function SizeButton({ size }: { size: Size }) {
  return (
    <button type="button" aria-pressed={screenSize.value === size} onClick={() => setQuery({ size })}>
      {screenWords.value.sizes[size]}
    </button>
  );
}

function toggleSound(): void {
  const hasSound = !isSoundOn.value;
  if (hasSound) allowSound();
  prefer({ hasSound });
}

/** By http a browser does not keep a screen awake; elsewhere it may refuse, as with a low battery. */
function Sleep() {
  const w = screenWords.value;
  if (isAwake.value !== false) return null;
  return (
    <State tone="wait">
      <Say text={canStayAwake() ? w.sleeps : w.sleepsByHttp} />
    </State>
  );
}

const ScreenLink = later(async () => (await import("./link.tsx")).ScreenLink);

function LinkButton() {
  const isOpen = useSignal(false);
  return (
    <>
      <Button icon="key" aria-haspopup="dialog" onClick={() => (isOpen.value = true)}>
        {screenWords.value.link}
      </Button>
      {isOpen.value ? <ScreenLink onClose={() => (isOpen.value = false)} /> : null}
    </>
  );
}
