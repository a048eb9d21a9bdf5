import { Icon } from "../parts/icon.tsx";
import { Logo } from "../parts/logo.tsx";
import type { RailName } from "../state/address.ts";
import { counts } from "../state/live/feed.ts";
import { openPages } from "../state/role.ts";
import { address, addressLeft } from "../state/route.ts";
import { words } from "../words/index.ts";
import { FindButton } from "./find.tsx";
import { Foot } from "./foot.tsx";
import { railGroups, railOf } from "./pages.tsx";
import { Views } from "./views.tsx";

/** The navigation of wide pages: what the user may open, in groups. */
export function Rail() {
  const groups = railGroups.map((group) => group.filter((name) => openPages.value.includes(name)));
  return (
    <nav class="rail" aria-label={words.value.main}>
      <a class="brand" href={addressLeft("live")}>
        <Logo />
        Gatepost
      </a>
      <FindButton />
      {groups.map((names, at) =>
        names.length === 0 ? null : <Links key={names[0]} names={names} look={at === 0 ? "" : "later"} />,
      )}
      <Views />
      <Foot />
    </nav>
  );
}

function Links({ names, look = "" }: { names: readonly RailName[]; look?: string }) {
  const open = railOf(address.value.page);
  return (
    <ul class={`gap ${look}`}>
      {names.map((name) => (
        <li key={name}>
          <a href={addressLeft(name)} aria-current={name === open ? "page" : undefined}>
            <Icon name={name} />
            <span>{words.value.pages[name]}</span>
            <Count of={name} />
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Work that waits. */
export function Count({ of }: { of: RailName }) {
  if (!(of === "actions" || of === "boxes" || of === "problems")) return null;
  const counted = counts.value;
  if (counted === null) {
    return (
      <span class="count" aria-hidden="true">
        …
      </span>
    );
  }
  const number = of === "boxes" ? counted.silent : counted[of];
  if (number === 0) return null;
  return (
    <span class={of === "boxes" ? "count bad" : "count"}>
      <span aria-hidden="true">{number > 999 ? "999+" : number}</span>
      <span class="hide">{words.value.waiting[of](number)}</span>
    </span>
  );
}
