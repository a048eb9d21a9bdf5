import { type FaceEvent, knownPerson } from "@gatepost/protocol";

/** Characters of one text that are searched; an event has eight such texts. */
const maxLength = 64;

/**
 * The texts that `q` searches, in lower case: who passed, and where. The id of a stranger is not among them. A longer
 * text is found by its beginning.
 */
export function searchTexts({ person, device, box }: FaceEvent): Record<"person" | "place", string> {
  return {
    person: textOf([person.name, knownPerson(person)]),
    place: textOf([device.name, device.id, device.endpoint, device.ip, box.id, box.serial]),
  };
}

/** What a search looks for: in lower case, and not longer than the texts that are searched. */
export function soughtText(q: string): string {
  return beginningOf(q).toLowerCase();
}

function textOf(texts: readonly (string | null)[]): string {
  const known = texts.flatMap((text) => (text === null ? [] : [beginningOf(text)]));
  return known.join("\n").toLowerCase();
}

function beginningOf(text: string): string {
  if (text.length <= maxLength) return text;
  // A character takes two units at most.
  return [...text.slice(0, 2 * maxLength)].slice(0, maxLength).join("");
}
