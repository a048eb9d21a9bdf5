import { useSignal } from "@preact/signals";
import { Check, Choice } from "../parts/field.tsx";
import { allowNotification } from "../state/live/alerts.ts";
import { allowSound } from "../state/live/sound.ts";
import { say } from "../state/notice.ts";
import { prefer, preferences } from "../state/preferences.ts";
import { obstacle } from "../state/push/subscription.ts";
import { isAdmin } from "../state/role.ts";
import { forget, hasKey, isKept, keepKey, me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { Notifications } from "./notifications.tsx";

/** What this browser does and remembers. */
export function Here() {
  const w = settingsWords.value;
  const { themes } = words.value;
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
        <h2 id="here-title">{w.sections.browser}</h2>
      </header>
      <div class="body gap">
        <Choice
          label={w.language}
          chosen={language}
          choices={[
            ["en", "English", "en"],
            ["zh", "中文", "zh-CN"],
          ]}
          onChoose={(chosen) => prefer({ language: chosen })}
        />
        <Choice
          label={words.value.theme}
          chosen={theme}
          choices={(["system", "light", "dark"] as const).map((name) => [name, themes[name]])}
          onChoose={(chosen) => prefer({ theme: chosen })}
        />
        <Check label={w.sound} isOn={hasSound} onChange={sound} />
        {me.value?.account == null || obstacle() === "none" ? (
          <Check label={w.notification} isOn={hasNotification} onChange={(isOn) => void notification(isOn)} />
        ) : null}
        <Check
          label={w.strangers}
          isOn={isAlertedOfStrangers}
          onChange={(isOn) => prefer({ isAlertedOfStrangers: isOn })}
        />
        <Check label={w.shortcuts} isOn={hasKeys} onChange={(isOn) => prefer({ hasKeys: isOn })} />
        {hasKey() ? <KeepKey /> : null}
      </div>
      {me.value?.account == null ? null : (
        <div class="body">
          <Notifications />
        </div>
      )}
    </section>
  );
}

function KeepKey() {
  const w = settingsWords.value;
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
