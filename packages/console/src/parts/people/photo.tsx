import type { ComponentChildren } from "preact";
import type { Pictured } from "../../state/pictures.ts";
import { words } from "../../words/index.ts";
import { Picture } from "../picture.tsx";

interface PhotoProps {
  /** Null if no passing is chosen. */
  of: Pictured | null;
  /** The captured face is the scene if a later report is to bring it. */
  kind: "registered" | "captured";
  name: string;
  alt: string;
  children?: ComponentChildren;
}

/** A large photo with its name, beside another one of the same size. */
export function Photo({ of, kind, name, alt, children }: PhotoProps) {
  const { none } = words.value.pictures;
  const shown = kind === "registered" ? kind : of?.pictures.face === undefined ? "scene" : "face";
  return (
    <figure>
      <span class="frame">
        {of === null || of.pictures[shown] === undefined ? (
          <span class="pic missing">{of === null ? null : kind === "registered" ? none.registered : none.face}</span>
        ) : (
          <Picture key={of.id} of={of} kind={shown} alt={alt} width={244} height={305} />
        )}
      </span>
      <figcaption>
        {name}
        {children === undefined ? null : <span class="meta">{children}</span>}
      </figcaption>
    </figure>
  );
}
