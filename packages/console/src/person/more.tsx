import { CopyLink } from "../parts/copy-link.tsx";
import { Opener } from "../parts/popover.tsx";
import { addressOf } from "../state/address.ts";
import { isAdmin } from "../state/role.ts";
import { peopleWords } from "../words/people.ts";

/** Further acts on a person. Erasing asks for the id in Settings, and gives the receipt there. */
export function MoreOf({ passings }: { passings: string }) {
  const w = peopleWords.value;
  return (
    <Opener label={w.more} icon="more" look="icon">
      {(close) => (
        <ul class="choices">
          <CopyLink text={w.copyLink} onChosen={close} />
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
