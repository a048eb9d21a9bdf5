import { Button } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { Opener } from "../parts/popover.tsx";
import { allowSound, isSoundBlocked, isSoundOn, tryAlarm } from "../state/live/sound.ts";
import { prefer, preferences } from "../state/preferences.ts";
import { words } from "../words/index.ts";

/** The button of the sound: whether and how loud this browser rings. */
export function SoundChoice() {
  const { live: w } = words.value;
  const label = isSoundBlocked.value ? w.soundAfterClick : w.sound;
  return (
    <Opener label={label} icon="sound" look={isSoundOn.value ? "icon on" : "icon"} title={label}>
      {() => <SoundChoices />}
    </Opener>
  );
}

/** Whether and how loud this browser rings. */
export function SoundChoices() {
  const { live: w } = words.value;
  const { hasSound, isAlertedOfStrangers, volume } = preferences.value;
  const ring = (isOn: boolean) => {
    if (isOn) allowSound();
    prefer({ hasSound: isOn });
  };
  return (
    <div class="sound-choice gap">
      <h2>{w.sound}</h2>
      <label class="gap">
        {w.volume}
        <input
          class="range"
          type="range"
          min={0}
          max={100}
          step={5}
          value={volume}
          onInput={({ currentTarget }) => prefer({ volume: Number(currentTarget.value) })}
        />
      </label>
      <Check label={w.soundOf.blacklist} isOn={hasSound} onChange={ring} />
      <span class="meta">{w.soundHow.blacklist}</span>
      <Check
        label={w.soundOf.stranger}
        isOn={isAlertedOfStrangers}
        onChange={(isOn) => prefer({ isAlertedOfStrangers: isOn })}
      />
      <span class="meta">{w.soundHow.stranger}</span>
      <span>
        <Button icon="sound" look="small" onClick={tryAlarm}>
          {w.soundTest}
        </Button>
      </span>
      <p class="meta">{w.soundBehind}</p>
    </div>
  );
}
