import { Missing } from "../parts/picture.tsx";
import { words } from "../words/index.ts";
import type { Photo, ShownPhoto } from "./photo.ts";

/** The captured photo, in its place also while it is loaded, and in words if there is none. */
export function Captured({ photo, shown, look = "pic" }: { photo: Photo | null; shown: ShownPhoto; look?: string }) {
  const { pictures: w } = words.value;
  if (photo === null) return <span class={`${look} missing`}>{w.none.face}</span>;
  const alt = w[photo.kind];
  if (shown.failed !== null) return <Missing class={look} alt={alt} text={w[shown.failed]} />;
  if (shown.url === null) return <span class={`${look} waits`} />;
  return <img class={`${look} ${photo.kind}`} src={shown.url} alt={alt} width={256} height={320} draggable={false} />;
}
