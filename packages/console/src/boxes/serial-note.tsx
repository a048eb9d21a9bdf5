import type { Box } from "@gatepost/client";
import { Icon } from "../parts/icon.tsx";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";

/** The other boxes that name the serial of a box. */
export function withSameSerial({ id, about }: Box, boxes: readonly Box[]): string[] {
  const serial = about?.serial ?? null;
  if (serial === null) return [];
  return boxes.flatMap((box) => (box.id !== id && box.about?.serial === serial ? [box.id] : []));
}

/** Says that several boxes use one key, or that one box uses several keys. */
export function SerialNote({ box, others = [] }: { box: Box; others?: readonly string[] }) {
  const w = boxWords.value;
  const { locale } = words.value;
  const list = (names: readonly string[]) => new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
  const alternating = box.about?.alternatingSerials ?? [];
  const problems = [
    ...(alternating.length === 0 ? [] : [w.serialsAlternate(list(alternating))]),
    ...(others.length === 0 ? [] : [w.sameSerial(list(others))]),
  ];
  if (problems.length === 0) return null;
  return (
    <div class="note warn">
      <Icon name="problems" />
      <p>
        <bdi>{problems.join(" ")}</bdi>
      </p>
    </div>
  );
}
