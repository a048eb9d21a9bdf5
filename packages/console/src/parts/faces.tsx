import type { Event } from "@gatepost/client";
import { words } from "../words/index.ts";
import { Picture } from "./picture.tsx";

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
      –
    </span>
  );
}
