import { useEffect } from "preact/hooks";
import { BoxText } from "../parts/text.tsx";
import { session } from "../state/session.ts";
import { hasViews, keepViews, viewHere, views } from "../state/views.ts";
import { words } from "../words/index.ts";

/** Views that the rail shows; all of them are found by the palette. */
const maxViews = 8;

/** The first saved views, by name. */
export function Views({ onOpen }: { onOpen?: () => void }) {
  const by = session.value;
  const isAsked = hasViews.value;
  useEffect(() => (by !== null && isAsked ? keepViews() : undefined), [by, isAsked]);
  if (views.value.length === 0) return null;
  return (
    <div class="later views">
      <h2>{words.value.views.title}</h2>
      <ul>
        {views.value.slice(0, maxViews).map(({ id, name, address }) => (
          <li key={id}>
            <a href={address} aria-current={id === viewHere.value?.id ? "true" : undefined} onClick={onOpen}>
              <BoxText text={name} />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
