import type { Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Missing } from "../parts/picture.tsx";
import { isLost } from "../state/pictures.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

/** The picture that is brought to the boxes: the face, else the scene. */
export function photoOf(event: Event | null) {
  const kind = event?.pictures.face === undefined ? ("scene" as const) : ("face" as const);
  const sha256 = event?.pictures[kind]?.sha256;
  return sha256 === undefined ? null : { kind, sha256 };
}

/** The photo with this hash and no other, so that nothing else is approved than what is looked at. */
export function ApprovedPhoto({ id, photo }: { id: string; photo: NonNullable<ReturnType<typeof photoOf>> }) {
  const { pictures: w } = words.value;
  const { kind, sha256 } = photo;
  const url = useSignal<string | null>(null);
  const failed = useSignal<"lost" | "failed" | null>(null);
  useEffect(() => {
    const closed = new AbortController();
    const load = async () => {
      const asking = { path: { id }, query: { sha256 }, signal: closed.signal };
      const blob = await (await gatepost().send("GET /v1/actions/{id}/photo", asking)).blob();
      if (!closed.signal.aborted) url.value = URL.createObjectURL(blob);
    };
    load().catch((error: unknown) => {
      if (!closed.signal.aborted) failed.value = isLost(error) ? "lost" : "failed";
    });
    return () => {
      closed.abort();
      if (url.value !== null) URL.revokeObjectURL(url.value);
    };
  }, [id, sha256]);
  if (failed.value !== null) return <Missing class="pic" alt={w[kind]} text={w[failed.value]} />;
  if (url.value === null) return <span class="pic waits" />;
  return <img class="pic" src={url.value} alt={w[kind]} width={200} height={250} draggable={false} />;
}
