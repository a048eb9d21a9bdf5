import type { Visit } from "@gatepost/core/visits";
import { among, type Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

/** The visits at boxes that are seen, with these boxes alone. */
export function limitedVisits(visits: ApiPorts["visits"], { boxes }: Seen): ApiPorts["visits"] {
  const seenOf = (found: readonly Visit[]) => {
    const seen = found.map((visit) => ({ ...visit, boxes: among(boxes, visit.boxes) }));
    return seen.filter((visit) => visit.boxes.length > 0);
  };
  return {
    set: (...asked) => visits.set(...asked),
    remove: (action) => visits.remove(action),
    replaceOthers: (...asked) => visits.replaceOthers(...asked),
    restore: (...asked) => visits.restore(...asked),
    told: (...asked) => visits.told(...asked),
    between: async (from, to) => seenOf(await visits.between(from, to)),
    of: async (person) => seenOf(await visits.of(person)),
  };
}
