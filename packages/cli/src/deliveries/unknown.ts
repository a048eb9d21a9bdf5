import { listed } from "../output.ts";

/** The columns of `gatepost deadletters list`, by which a user may have named a letter. */
interface Letter {
  id: string;
  rule: string | null;
  entry: string;
  event: string | null;
}

/** Ids that a message names at most. */
const maxNamed = 5;

const kinds = [
  ["entry", "an entry"],
  ["event", "an event"],
  ["rule", "a rule"],
] as const;

/** Why nothing was sent for an id that no dead letter has: what it is the name of instead. */
export function whyUnknown(id: string, letters: readonly Letter[]): string {
  for (const [kind, title] of kinds) {
    const ofIt = letters.filter((letter) => letter[kind] === id);
    if (ofIt.length > 0) return `it is ${title}, whose dead letters are ${named(ofIt)}`;
  }
  return "there is no such dead letter";
}

/** What there is to send, and what to do, in one sentence. */
export function whatThereIs(letters: readonly Letter[]): string {
  if (letters.length === 0) return "there are no dead letters; what still waits is in `gatepost deliveries list`";
  return `there ${letters.length === 1 ? "is" : "are"} ${named(letters)}; give such an id, as \`gatepost deadletters list\` shows it`;
}

function named(letters: readonly Letter[]): string {
  return listed(
    letters.map(({ id }) => id),
    maxNamed,
  );
}
