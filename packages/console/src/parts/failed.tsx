import type { ComponentChildren } from "preact";
import { inSequence } from "../format/sentences.ts";
import { here } from "../state/clock.ts";
import { type Failure, isPassing } from "../state/failure.ts";
import { words } from "../words/index.ts";
import { Blank } from "./blank.tsx";
import { Button } from "./button.tsx";
import { Said } from "./said.tsx";

interface FailedProps {
  failure: Failure;
  /** When it is asked again by itself, ms since 1970. */
  retryAt: number | null;
  onRetry(): void;
  /** What else may be done about it. */
  children?: ComponentChildren;
}

/** What failed, that nothing is lost, and when it is tried again. */
export function Failed({ failure, retryAt, onRetry, children }: FailedProps) {
  const { failure: w } = words.value;
  const [title, why] = sentences(failure);
  const seconds = retryAt === null ? 0 : Math.max(1, Math.ceil((retryAt - here.value) / 1000));
  const again = retryAt === null ? null : w.againIn(seconds);
  return (
    <div role="alert">
      <Blank
        icon={failure.status === 0 ? "off" : "problems"}
        title={title}
        why={
          typeof why === "string" ? (
            inSequence(why, again)
          ) : (
            <>
              {why} {again}
            </>
          )
        }
      >
        {isPassing(failure) || failure.status >= 400 ? (
          <Button look="main" icon="replay" onClick={onRetry}>
            {w.again}
          </Button>
        ) : null}
        {children}
        <span class="meta mono">
          {failure.status === 0 ? "" : `${failure.status} · `}
          {failure.asked.replace(/^GET /, "")}
        </span>
      </Blank>
    </div>
  );
}

function sentences(failure: Failure): readonly [title: string, why: ComponentChildren] {
  const { status, detail } = failure;
  const { failure: w } = words.value;
  if (status === 0) return [w.offline, w.offlineWhy];
  if (status === 403) return [w.forbidden, w.forbiddenWhy];
  if (status === 404 && /nothing at this address/.test(detail)) return [w.missing, w.missingWhy];
  if (status === 404 || status === 410) return [w.gone, w.goneWhy];
  if (status >= 500) return [w.unavailable, w.unavailableWhy];
  return [w.refused, <Said key="why" of={failure} />];
}
