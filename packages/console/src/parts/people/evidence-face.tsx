import { useSignal } from "@preact/signals";
import type { Inside } from "../../state/people/presence.ts";
import type { Pictured } from "../../state/pictures.ts";
import { words } from "../../words/index.ts";
import { Picture } from "../picture.tsx";

/** Bytes that a small picture may have: its size is not known before. */
const someBytes = 8192;

interface EvidenceFaceProps {
  of: Pick<Inside, "event" | "library" | "id" | "pictures">;
  kind?: "face" | "registered";
  class?: string;
  width?: number;
  height?: number;
}

/** A picture of the passing by which a person went in, or that it has none. */
export function EvidenceFace({ of, kind = "face", class: name = "pic", width = 60, height = 70 }: EvidenceFaceProps) {
  const hasFailed = useSignal(false);
  const hasNone = hasFailed.value || !of.pictures.includes(kind);
  // A box that sends no registered photo sends none at all: it need not be said of each person.
  if (hasNone && kind === "registered") return <span class="none" aria-hidden="true" />;
  if (hasNone) {
    return (
      <span class={`${name} missing`} aria-hidden="true">
        {words.value.pictures.none[kind]}
      </span>
    );
  }
  const picture = { sha256: "", bytes: someBytes };
  const event: Pictured = {
    id: of.event,
    box: { id: of.library },
    person: { id: of.id },
    pictures: { [kind]: picture },
  };
  return (
    <Picture
      of={event}
      kind={kind}
      class={name}
      width={width}
      height={height}
      onFailed={() => (hasFailed.value = true)}
    />
  );
}
