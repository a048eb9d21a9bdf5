import type { Event } from "@gatepost/client";
import { Picture } from "./picture.tsx";

interface PortraitProps {
  of: Event;
  class?: string;
  width?: number;
  height?: number;
}

/** Who passed, small: the captured face, or the scene until a later report brings one, or an empty place. */
export function Portrait({ of, class: name = "pic", ...size }: PortraitProps) {
  const kind = of.pictures.face === undefined ? "scene" : "face";
  if (of.pictures[kind] === undefined) return <span class={`${name} waits`} />;
  return <Picture of={of} kind={kind} class={name} {...size} />;
}
