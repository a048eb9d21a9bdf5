import { type FaceEvent, knownPerson } from "@gatepost/protocol";

/** The texts that `q` searches, in lower case: who passed, and where. The id of a stranger is not among them. */
export function searchTexts({ person, device, box }: FaceEvent): Record<"person" | "place", string> {
  return {
    person: textOf([person.name, knownPerson(person)]),
    place: textOf([device.name, device.id, device.endpoint, device.ip, box.id, box.serial]),
  };
}

function textOf(texts: readonly (string | null)[]): string {
  const known = texts.filter((text) => text !== null);
  return known.join("\n").toLowerCase();
}
