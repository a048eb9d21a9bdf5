import type { FaceEvent } from "@gatepost/protocol";

/** What an event is found by: who passed, and where. A stranger's id is not among it. */
export function searchOf({ person, device, box }: FaceEvent) {
  const knownPerson = person.type === "stranger" ? null : person.id;
  return {
    knownPerson,
    person: textOf([person.name, knownPerson]),
    place: textOf([device.name, device.id, device.endpoint, device.ip, box.id, box.serial]),
  };
}

function textOf(texts: readonly (string | null)[]): string {
  const known = texts.filter((text) => text !== null);
  return known.join("\n").toLowerCase();
}
