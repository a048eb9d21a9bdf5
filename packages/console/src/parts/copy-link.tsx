import { copy } from "../state/notice.ts";
import { Item } from "./popover.tsx";

/** Copies the address of the page. */
export const copyLink = () => copy(location.href);

/** A choice in the menu of a page. */
export function CopyLink({ text, onChosen }: { text: string; onChosen(): void }) {
  return <Item text={text} close={onChosen} onChoose={() => void copyLink()} />;
}
