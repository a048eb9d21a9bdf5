import { connection } from "../live/feed.ts";
import { Mark } from "../parts/mark.tsx";
import { prefer } from "../state/preferences.ts";
import { isAdmin, me, signOut } from "../state/session.ts";
import { isDark } from "../state/theme.ts";
import { leaveFor } from "../state/unsaved.ts";
import { words } from "../words/index.ts";

/** At the foot of the rail: the connection, the key, the language, the theme, the way out. */
export function Foot() {
  const { keyOf } = words.value;
  const role = isAdmin.value ? keyOf.admin : keyOf.read;
  return (
    <div class="rail-foot">
      <Connection />
      <span class="key" title={me.value?.key?.id ?? me.value?.account?.email}>
        {role}
        {me.value === null ? null : (
          <>
            {" "}
            · <bdi>{me.value.account?.name ?? me.value.key?.note ?? me.value.key?.id}</bdi>
          </>
        )}
      </span>
      <span class="row">
        <LanguageButton />
        <ThemeButton />
        <button type="button" class="end" onClick={() => leaveFor(signOut)}>
          {words.value.signOut}
        </button>
      </span>
    </div>
  );
}

function Connection() {
  const { is } = connection.value;
  return (
    <span class={is === "open" ? "link" : "link off"} role="status">
      <Mark name={is === "open" ? "ok" : "half"} />
      {words.value.connection[is]}
    </span>
  );
}

export function LanguageButton() {
  const { code, otherLanguage, otherCode } = words.value;
  return (
    <button type="button" lang={otherCode} onClick={() => prefer({ language: code === "en" ? "zh" : "en" })}>
      {otherLanguage}
    </button>
  );
}

function ThemeButton() {
  return (
    <button type="button" onClick={() => prefer({ theme: isDark() ? "light" : "dark" })}>
      {words.value.theme}
    </button>
  );
}
