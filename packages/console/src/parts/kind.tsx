import { kindWord, type Kind as PersonKind } from "../format/event.ts";
import { Mark } from "./mark.tsx";

/** The kind of a person: a shape, a word, and only then a colour. */
export function Kind({ of, isAlone = false }: { of: PersonKind; isAlone?: boolean }) {
  return (
    <span class={`kind ${of}${isAlone ? " only" : ""}`}>
      <Mark name={of} />
      {kindWord(of)}
    </span>
  );
}
