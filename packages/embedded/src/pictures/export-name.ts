import { knownPerson, merge, type StoredEvent } from "@gatepost/protocol";

/** Most bytes of the name of a box or person: file systems allow 255 in all. */
const maxBytes = 60;
/** Characters of the SHA-256 in a name, so that no two pictures have the same name. */
const hashLength = 16;

/**
 * The name of a picture's file, without its ending: time, box, person and kind, as in the event, and the beginning of
 * the picture's SHA-256. Every file system accepts it, also one that ignores case.
 *
 * @param stored the event that shows it, or null
 */
export function exportName(sha256: string, stored: StoredEvent | null): string {
  const hash = sha256.slice(0, hashLength);
  if (stored === null) return `no-event_${hash}`;
  const { time, box, person } = merge(stored);
  const who = knownPerson(person) ?? person.type;
  return [time.replaceAll(/[:.]/g, "-"), safe(box.id), safe(who), kindOf(sha256, stored), hash].join("_");
}

function kindOf(sha256: string, { reports }: StoredEvent): string {
  const shown = reports.flatMap(({ pictures = {} }) => Object.entries(pictures));
  return shown.find(([, picture]) => picture.sha256 === sha256)?.[0] ?? "picture";
}

/** Keeps letters and digits of any script, so that no character has a meaning in paths or for a shell. */
function safe(text: string): string {
  let [name, bytes] = ["", 0];
  for (const character of text
    .slice(0, maxBytes)
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    name += character;
  }
  return name;
}
