import type { ApiPorts } from "../ports.ts";

/** @param events those that the caller sees */
export function limitedMarks(seen: ApiPorts["seen"], events: ApiPorts["events"]): ApiPorts["seen"] {
  return {
    mark: async (eventId, ...mark) => ((await events.get(eventId)) === null ? null : seen.mark(eventId, ...mark)),
    // Only the events of a list that is narrowed already are asked for, or marked together.
    markAll: (eventIds, by) => seen.markAll(eventIds, by),
    among: (eventIds) => seen.among(eventIds),
  };
}
