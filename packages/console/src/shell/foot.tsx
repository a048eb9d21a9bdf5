import { connection } from "../live/feed.ts";
import { Mark } from "../parts/mark.tsx";
import { addressOf } from "../state/address.ts";
import { prefer } from "../state/preferences.ts";
import { isAdmin } from "../state/role.ts";
import { me, signOut } from "../state/session.ts";
import { isDark } from "../state/theme.ts";
import { leaveFor } from "../state/unsaved.ts";
import { words } from "../words/index.ts";

/** At the foot of the rail: the connection, who is signed in, the language, the theme, the way out. */
export function Foot() {
  return (
    <div class="rail-foot">
      <Connection />
      <User />
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

/** A person by the name and the role; a key by its note, and its id in the description. */
function User() {
  const { keyOf, roles, makeAccount } = words.value;
  const { account = null, key = null, administrators } = me.value ?? {};
  if (account !== null) {
    return (
      <span class="user" title={account.email}>
        <b>
          <bdi>{account.name ?? account.email}</bdi>
        </b>{" "}
        · {roles[account.role]}
      </span>
    );
  }
  return (
    <>
      <span class="key" title={key?.id}>
        {isAdmin.value ? keyOf.admin : keyOf.read}
        {key === null ? null : (
          <>
            {" "}
            · <bdi>{key.note ?? key.id}</bdi>
          </>
        )}
      </span>
      {isAdmin.value && administrators?.length === 0 ? (
        <a href={addressOf("settings", "people")}>{makeAccount}</a>
      ) : null}
    </>
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
