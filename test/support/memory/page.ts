import { GatepostError } from "@gatepost/core/errors";
import { type Page, type PageRequest, PageRoom } from "@gatepost/core/lists";

interface Listed<Item> {
  item: Item;
  /** What items are ordered by; both together are unique. */
  at: number;
  id: string;
}

/** One page of items. The cursor is the last item's place in their order. */
export function pageOf<Item>(
  all: readonly Listed<Item>[],
  { limit, cursor, maxBytes }: PageRequest,
  order: "ascending" | "descending" = "descending",
): Page<Item> {
  if (cursor !== null && !/^\d{17} \w+$/.test(cursor)) throw new GatepostError("bad-request", "not a cursor of mine");
  const oldestFirst = all.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const from = oldestFirst.filter(
    (one) => cursor === null || (order === "ascending" ? placeOf(one) > cursor : placeOf(one) < cursor),
  );
  const rest = order === "ascending" ? from : from.toReversed();
  const items = fitting(rest, limit, maxBytes);
  const last = items.at(-1);
  return { items: items.map(({ item }) => item), next: rest.length > items.length && last ? placeOf(last) : null };
}

function placeOf({ at, id }: { at: number; id: string }): string {
  return `${String(at + 1e15).padStart(17, "0")} ${id}`;
}

/** The first items that fit on a page. */
export function fitting<Item>(items: readonly Item[], limit: number, maxBytes?: number): Item[] {
  const room = new PageRoom(maxBytes);
  const end = items.slice(0, limit).findIndex((item) => !room.takesItem(item));
  return items.slice(0, end === -1 ? limit : end);
}
