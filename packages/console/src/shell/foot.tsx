import { LanguageButton } from "../parts/button.tsx";
import { Mark } from "../parts/mark.tsx";
import { BoxText } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { connection } from "../state/live/feed.ts";
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
  const isByFirstLink = key?.id === "setup";
  if (account !== null) {
    return (
      <span class="user" title={account.email ?? account.id}>
        <b>
          <bdi>{account.name ?? account.email ?? account.id}</bdi>
        </b>{" "}
        · {roles[account.role]}
      </span>
    );
  }
  return (
    <>
      <span class="key" title={key?.id}>
        {isByFirstLink ? keyOf.first : isAdmin.value ? keyOf.admin : keyOf.read}
        {key === null || isByFirstLink ? null : (
          <>
            {" "}
            · <BoxText text={key.note ?? key.id} />
          </>
        )}
      </span>
      {isAdmin.value && administrators?.length === 0 ? (
        <a href={isByFirstLink ? addressOf("setup") : addressOf("settings", "people")}>{makeAccount}</a>
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

function ThemeButton() {
  return (
    <button type="button" onClick={() => prefer({ theme: isDark() ? "light" : "dark" })}>
      {words.value.theme}
    </button>
  );
}
