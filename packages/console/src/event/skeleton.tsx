import { useLate } from "../parts/text.tsx";
import { words } from "../words/index.ts";

/** Placeholder of an event that is still loading, with its pictures in their final places. */
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
