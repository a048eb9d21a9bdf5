import { copy } from "../state/notice.ts";
import { Button } from "./button.tsx";

/** Copies the address of the page. */
export const copyLink = () => copy(location.href);

/** A choice in the menu of a page. */
export function CopyLink({ text, onChosen }: { text: string; onChosen(): void }) {
  return (
    <li>
      <Button
        look="bare"
        onClick={() => {
          onChosen();
          void copyLink();
        }}
      >
        {text}
      </Button>
    </li>
  );
}
