import type { Event } from "@gatepost/client";
import type { Pictured } from "../state/pictures.ts";
import { words } from "../words/index.ts";
import { Picture } from "./picture.tsx";

interface PortraitProps {
  of: Pictured;
  class?: string;
  width?: number;
  height?: number;
}

/** Who passed, small: the captured face, or the scene until a later report brings one, or that there is neither. */
export function Portrait({ of, class: name = "pic", ...size }: PortraitProps) {
  const kind = of.pictures.face === undefined ? "scene" : "face";
  if (of.pictures[kind] !== undefined) return <Picture of={of} kind={kind} class={name} {...size} />;
  return (
    <span class={`${name} missing`} aria-hidden="true">
      {words.value.pictures.none.face}
    </span>
  );
}

/** Captured and registered beside each other, small, at the same height. */
export function Faces({ of }: { of: Event }) {
  return (
    <span class="faces">
      <Face of={of} kind="face" />
      <Face of={of} kind="registered" />
    </span>
  );
}

function Face({ of, kind }: { of: Event; kind: "face" | "registered" }) {
  if (of.pictures[kind] !== undefined) return <Picture of={of} kind={kind} width={36} height={44} />;
  return (
    <span class="none" title={words.value.pictures.none[kind]} aria-hidden="true">
      {kind === "face" ? words.value.pictures.none.face : null}
    </span>
  );
}
