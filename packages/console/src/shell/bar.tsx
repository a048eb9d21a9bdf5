import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { toggleFullScreen } from "../parts/kiosk.tsx";
import type { RailName } from "../state/address.ts";
import { openPages } from "../state/role.ts";
import { address, addressLeft } from "../state/route.ts";
import { words } from "../words/index.ts";
import { FindButton, openPalette } from "./find.tsx";
import { Foot } from "./foot.tsx";
import { railOf } from "./pages.tsx";
import { Count } from "./rail.tsx";
import { Views } from "./views.tsx";

/** The first four of these that the user may open are in the bar. */
const first: readonly RailName[] = ["live", "events", "actions", "people", "boxes", "settings"];

/** The navigation of a phone: four pages and the rest. */
export function Bar() {
  const inBar = first.filter((name) => openPages.value.includes(name)).slice(0, 4);
  const inMore = openPages.value.filter((name) => !inBar.includes(name));
  const isMore = useSignal(false);
  const { page, id } = address.value;
  const open = railOf(page);
  useEffect(() => {
    isMore.value = false;
  }, [page, id]);
  const close = () => {
    isMore.value = false;
  };
  const fillScreen = () => {
    close();
    toggleFullScreen();
  };
  return (
    <nav class="bar" aria-label={words.value.main}>
      {inBar.map((name) => (
        <Item key={name} name={name} isOpen={name === open} />
      ))}
      <button
        type="button"
        aria-haspopup="dialog"
        aria-current={inBar.includes(open) ? undefined : "page"}
        onClick={() => {
          isMore.value = true;
        }}
      >
        <Icon name="more" />
        {words.value.more}
      </button>
      {isMore.value ? (
        <Dialog title={words.value.more} look="sheet" onClose={close}>
          <FindButton
            onClick={() => {
              close();
              openPalette();
            }}
          />
          <ul class="sheet-links">
            {inMore.map((name) => (
              <li key={name}>
                <Item name={name} isOpen={name === open} onClick={close} />
              </li>
            ))}
          </ul>
          {document.fullscreenEnabled ? (
            <button type="button" class="sheet-act" onClick={fillScreen}>
              <Icon name="full" />
              {words.value.live.full}
            </button>
          ) : null}
          <Views onOpen={close} />
          <Foot />
        </Dialog>
      ) : null}
    </nav>
  );
}

function Item({ name, isOpen, onClick }: { name: RailName; isOpen: boolean; onClick?: () => void }) {
  return (
    <a href={addressLeft(name)} aria-current={isOpen ? "page" : undefined} onClick={onClick}>
      <Icon name={name} />
      {words.value.pages[name]}
      <Count of={name} />
    </a>
  );
}
