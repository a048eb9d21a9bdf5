import { copyLink } from "../event/title.tsx";
import { Button } from "../parts/button.tsx";
import { Opener } from "../parts/popover.tsx";
import { peopleWords } from "../people/words.ts";
import { addressOf } from "../state/address.ts";
import { isAdmin } from "../state/role.ts";

/** Further acts on a person. Erasing asks for the id in Settings, and gives the receipt there. */
export function MoreOf({ passings }: { passings: string }) {
  const w = peopleWords.value;
  return (
    <Opener label={w.more} icon="more" look="icon">
      {(close) => (
        <ul class="choices">
          <li>
            <Button
              look="bare"
              onClick={() => {
                close();
                void copyLink();
              }}
            >
              {w.copyLink}
            </Button>
          </li>
          <li>
            <a class="btn bare" href={passings}>
              {w.passings}
            </a>
          </li>
          {isAdmin.value ? (
            <li>
              <a class="btn bare" href={addressOf("settings", "erase")}>
                {w.erase}
              </a>
            </li>
          ) : null}
        </ul>
      )}
    </Opener>
  );
}
