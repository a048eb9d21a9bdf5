import { among, type Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

/** The visits at boxes that are seen, with these boxes alone. */
export function limitedVisits(visits: ApiPorts["visits"], { boxes }: Seen): ApiPorts["visits"] {
  return {
    set: (visit) => visits.set(visit),
    remove: (action) => visits.remove(action),
    removeOthers: (visit) => visits.removeOthers(visit),
    told: (...asked) => visits.told(...asked),
    async between(from, to) {
      const found = await visits.between(from, to);
      const seen = found.map((visit) => ({ ...visit, boxes: among(boxes, visit.boxes) }));
      return seen.filter((visit) => visit.boxes.length > 0);
    },
  };
}
