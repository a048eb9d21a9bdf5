import { type FaceEvent, knownPerson, searchable } from "@gatepost/protocol";

/** Characters of one text that are searched; an event has eight such texts. */
const maxLength = 64;

/**
 * The texts that `q` searches, as `searchable` makes them: who passed, and where. The id of a stranger is not among them. A longer
 * text is found by its beginning.
 */
export function searchTexts({ person, device, box }: FaceEvent): Record<"person" | "place", string> {
  return {
    person: textOf([person.name, knownPerson(person)]),
    place: textOf([device.name, device.id, device.endpoint, device.ip, box.id, box.serial]),
  };
}

/**
 * The text that a search looks for: in the same form as the texts that are searched, and not longer. Of blanks and dots
 * alone nothing would be left; such a text stays as it is, and is in no searched text.
 */
export function soughtText(q: string): string {
  const beginning = beginningOf(q);
  return searchable(beginning) || beginning;
}

function textOf(texts: readonly (string | null)[]): string {
  const known = texts.flatMap((text) => (text === null ? [] : [beginningOf(text)]));
  return searchable(known.join("\n"));
}

function beginningOf(text: string): string {
  if (text.length <= maxLength) return text;
  // A character takes two units at most.
  return [...text.slice(0, 2 * maxLength)].slice(0, maxLength).join("");
}
