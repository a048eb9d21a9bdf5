import { counts } from "../live/feed.ts";
import { Icon } from "../parts/icon.tsx";
import { type RailName, railNames } from "../state/address.ts";
import { address, addressLeft } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Foot } from "./foot.tsx";
import { Logo } from "./logo.tsx";
import { firstLater, railOf } from "./pages.tsx";

/** The navigation of wide pages. */
export function Rail() {
  const later = railNames.indexOf(firstLater);
  return (
    <nav class="rail" aria-label={words.value.main}>
      <a class="brand" href={addressLeft("live")}>
        <Logo />
        Gatepost
      </a>
      <Links names={railNames.slice(0, later)} />
      <Links names={railNames.slice(later)} look="later" />
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
  const counted = counts.value;
  if (counted === null || !(of === "actions" || of === "boxes" || of === "problems")) return null;
  const number = of === "boxes" ? counted.silent : counted[of];
  if (number === 0) return null;
  return (
    <span class={of === "boxes" ? "count bad" : "count"}>
      <span aria-hidden="true">{number > 999 ? "999+" : number}</span>
      <span class="hide">{words.value.waiting[of](number)}</span>
    </span>
  );
}
