import type { Event } from "@gatepost/client";
import { computed } from "@preact/signals";
import { query } from "../state/route.ts";
import { defaultSite } from "../state/sites.ts";

/** The filter of the live page, as its address has it; null if everything is shown. */
export const liveFilter = computed(() => {
  const { box = [], type = [], site: [site = null] = [] } = query.value;
  return box.length + type.length === 0 && site === null ? null : { box, type, site };
});

export function passesFilter({ box, person }: Event): boolean {
  const filter = liveFilter.value;
  if (filter === null) return true;
  const isOfSite = filter.site === null || filter.site === (box.site ?? defaultSite);
  const isOfBox = isOfSite && (filter.box.length === 0 || filter.box.includes(box.id));
  return isOfBox && (filter.type.length === 0 || filter.type.includes(person.type));
}
