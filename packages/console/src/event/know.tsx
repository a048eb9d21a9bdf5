import type { Event } from "@gatepost/client";
import { flagSentence } from "../events/flag-words.ts";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/index.ts";

/** What is not as it should be with an event, as sentences; the flag stands small beside it. */
export function Know({ event }: { event: Event }) {
  const { flags, clockOffsetMs } = event;
  if (flags.length === 0) return null;
  return (
    <section class="note warn" aria-labelledby="know">
      <Icon name="problems" />
      <div>
        <h3 id="know">{words.value.event.know(flags.length)}</h3>
        {flags.map((flag) => (
          <p key={flag}>
            <bdi>{flagSentence(flag, clockOffsetMs ?? 0)}</bdi> <bdi class="meta mono">{flag}</bdi>
          </p>
        ))}
      </div>
    </section>
  );
}
