import { copy } from "../state/notice.ts";
import { words } from "../words/index.ts";
import { Item } from "./popover.tsx";

/** Copies the address of the page. */
export const copyLink = () => copy(location.href);

/** A choice in the menu of a page. */
export function CopyLink({ onChosen }: { onChosen(): void }) {
  return <Item text={words.value.event.copyLink} close={onChosen} onChoose={() => void copyLink()} />;
}
