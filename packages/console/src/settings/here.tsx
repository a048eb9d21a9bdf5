import { useSignal } from "@preact/signals";
import { allowNotification, allowSound } from "../live/alerts.ts";
import { say } from "../state/notice.ts";
import { prefer, preferences } from "../state/preferences.ts";
import { forget, isAdmin, isKept, keepKey } from "../state/session.ts";
import { words } from "../words/index.ts";

/** What this browser does and remembers. */
export function Here() {
  const { settings: w, themes } = words.value;
  const { hasSound, hasNotification, isAlertedOfStrangers, hasKeys, theme, language } = preferences.value;
  const sound = (isOn: boolean) => {
    if (isOn) allowSound();
    prefer({ hasSound: isOn });
  };
  const notification = async (isOn: boolean) => {
    const isGiven = isOn && (await allowNotification());
    if (isOn && !isGiven) say(w.notificationDenied);
    prefer({ hasNotification: isGiven });
  };
  return (
    <section class="panel" id="here" aria-labelledby="here-title">
      <header>
        <h2 id="here-title">{w.here}</h2>
      </header>
      <div class="body gap">
        <label class="choice">
          {w.language}
          <select
            class="field"
            value={language}
            onChange={({ currentTarget }) => prefer({ language: currentTarget.value === "zh" ? "zh" : "en" })}
          >
            <option value="en" lang="en">
              English
            </option>
            <option value="zh" lang="zh-CN">
              中文
            </option>
          </select>
        </label>
        <label class="choice">
          {w.theme}
          <select
            class="field"
            value={theme}
            onChange={({ currentTarget }) => prefer({ theme: currentTarget.value as typeof theme })}
          >
            {(["system", "light", "dark"] as const).map((name) => (
              <option key={name} value={name}>
                {themes[name]}
              </option>
            ))}
          </select>
        </label>
        <Check label={w.sound} isOn={hasSound} onChange={sound} />
        <Check label={w.notification} isOn={hasNotification} onChange={(isOn) => void notification(isOn)} />
        <Check
          label={w.strangers}
          isOn={isAlertedOfStrangers}
          onChange={(isOn) => prefer({ isAlertedOfStrangers: isOn })}
        />
        <Check label={w.shortcuts} isOn={hasKeys} onChange={(isOn) => prefer({ hasKeys: isOn })} />
        <KeepKey />
      </div>
    </section>
  );
}

function KeepKey() {
  const { settings: w } = words.value;
  const kept = useSignal(isKept());
  if (isAdmin.value) return <p class="meta">{w.keepReadOnly}</p>;
  return (
    <Check
      label={w.keepKey}
      isOn={kept.value}
      onChange={(isOn) => {
        if (isOn) keepKey();
        else forget();
        kept.value = isKept();
      }}
    />
  );
}

function Check({ label, isOn, onChange }: { label: string; isOn: boolean; onChange(isOn: boolean): void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
