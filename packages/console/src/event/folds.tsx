import type { Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { size } from "../format/number.ts";
import { words } from "../words/index.ts";

/** What few want to read: written out only when it is opened. */
export function Folds({ event }: { event: Event }) {
  const { event: w } = words.value;
  const json = JSON.stringify(event, null, 2);
  const extra = Object.keys(event.extra).length;
  return (
    <section class="panel folds">
      <Fold title={w.json} about={w.jsonSize(size(json.length))} text={json} />
      <Fold
        title={w.extra}
        about={w.extraCount(extra)}
        text={extra === 0 ? w.nothingElse : JSON.stringify(event.extra, null, 2)}
      />
    </section>
  );
}

function Fold({ title, about, text }: { title: string; about: string; text: string }) {
  const isOpen = useSignal(false);
  return (
    <details
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        {title}
        <span class="meta end">{about}</span>
      </summary>
      {isOpen.value ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keys.
        <pre class="code" tabIndex={0}>
          <bdi>{text}</bdi>
        </pre>
      ) : null}
    </details>
  );
}
