import { comparable, type ShownBox } from "@gatepost/protocol";
import { listed } from "./listed.ts";

/** Names of boxes that a line has at most. */
const maxNamed = 3;

/** The boxes under which each serial is used, of those that are used under several. */
export function sameSerialsOf(boxes: readonly ShownBox[]): { serial: string; boxes: string[] }[] {
  const known = boxes.flatMap(({ id, about: { serial } }) =>
    serial === null ? [] : [{ id, serial: comparable(serial) }],
  );
  return [...Map.groupBy(known, ({ serial }) => serial)]
    .filter(([, same]) => same.length > 1)
    .map(([serial, same]) => ({ serial, boxes: same.map(({ id }) => id) }));
}

/** The boxes whose key several serials use in turn. */
export function alternatingSerialsOf(boxes: readonly ShownBox[]): { box: string; serials: string[] }[] {
  return boxes.flatMap(({ id, about: { alternatingSerials: serials } }) =>
    serials.length === 0 ? [] : [{ box: id, serials }],
  );
}

/** The problem with the serial of a box among all boxes, in words; null if there is none. */
export function serialProblem({ id, about }: ShownBox, boxes: readonly ShownBox[]): string | null {
  const { serial, alternatingSerials } = about;
  const isOwn = (one: string) => serial !== null && one === comparable(serial);
  const others =
    sameSerialsOf(boxes)
      .find((same) => isOwn(same.serial))
      ?.boxes.filter((box) => box !== id) ?? [];
  const problems = [
    ...(alternatingSerials.length === 0 ? [] : [`${listed(alternatingSerials, maxNamed)} take turns under one key`]),
    ...(others.length === 0 ? [] : [`same serial as ${listed(others, maxNamed)}`]),
  ];
  return problems.join("; ") || null;
}
