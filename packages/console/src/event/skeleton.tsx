import { useLate } from "../parts/text.tsx";
import { words } from "../words/index.ts";

/** Stands for an event that is still loaded, with its pictures where they will be. */
export function EventSkeleton() {
  if (!useLate()) return null;
  return (
    <>
      <p class="hide" role="status">
        {words.value.events.loading}
      </p>
      <div aria-hidden="true">
        <header class="title">
          <span class="bone l" />
        </header>
        <div class="compare">
          <span class="tall">
            <span class="pic waits" />
          </span>
          <span class="tall">
            <span class="pic waits" />
          </span>
          <span class="scene">
            <span class="pic waits" />
          </span>
        </div>
      </div>
    </>
  );
}
