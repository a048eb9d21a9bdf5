import type { Event } from "@gatepost/client";
import { computed } from "@preact/signals";
import { query } from "../state/route.ts";

/** The filter of the live page, as its address has it; null if everything is shown. */
export const liveFilter = computed(() => {
  const { box = [], type = [] } = query.value;
  return box.length + type.length === 0 ? null : { box, type };
});

export function passesFilter({ box, person }: Event): boolean {
  const filter = liveFilter.value;
  if (filter === null) return true;
  const isOfBox = filter.box.length === 0 || filter.box.includes(box.id);
  return isOfBox && (filter.type.length === 0 || filter.type.includes(person.type));
}
