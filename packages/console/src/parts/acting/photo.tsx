import type { Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isLost } from "../../state/pictures.ts";
import { gatepost } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { Missing } from "../picture.tsx";

export interface Photo {
  kind: "face" | "scene";
  sha256: string;
}

/** The picture that is brought to the boxes: the face, else the scene. */
export function photoOf(event: Event | null): Photo | null {
  const kind = event?.pictures.face === undefined ? "scene" : "face";
  const sha256 = event?.pictures[kind]?.sha256;
  return sha256 === undefined ? null : { kind, sha256 };
}

export interface ShownPhoto {
  url: string | null;
  failed: "lost" | "failed" | null;
}

const nothing: ShownPhoto = { url: null, failed: null };

/** The photo with this hash alone, so that the user approves exactly the photo on the screen. */
export function usePhoto(id: string, photo: Photo | null): ShownPhoto {
  const shown = useSignal<ShownPhoto>(nothing);
  const sha256 = photo?.sha256 ?? null;
  useEffect(() => {
    shown.value = nothing;
    if (sha256 === null) return undefined;
    const closed = new AbortController();
    let url: string | null = null;
    const load = async () => {
      const asking = { path: { id }, query: { sha256 }, signal: closed.signal };
      const blob = await (await gatepost().send("GET /v1/actions/{id}/photo", asking)).blob();
      if (closed.signal.aborted) return;
      url = URL.createObjectURL(blob);
      shown.value = { url, failed: null };
    };
    load().catch((error: unknown) => {
      if (!closed.signal.aborted) shown.value = { url: null, failed: isLost(error) ? "lost" : "failed" };
    });
    return () => {
      closed.abort();
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [id, sha256]);
  return shown.value;
}

/** The captured photo, in its place also while it is loaded, and in words if there is none. */
export function Captured({ photo, shown, look = "pic" }: { photo: Photo | null; shown: ShownPhoto; look?: string }) {
  const { pictures: w } = words.value;
  if (photo === null) return <span class={`${look} missing`}>{w.none.face}</span>;
  const alt = w[photo.kind];
  if (shown.failed !== null) return <Missing class={look} alt={alt} text={w[shown.failed]} />;
  if (shown.url === null) return <span class={`${look} waits`} />;
  return <img class={`${look} ${photo.kind}`} src={shown.url} alt={alt} width={256} height={320} draggable={false} />;
}
