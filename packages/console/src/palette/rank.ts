/** The groups of rows, in the order in which they are shown. */
export const groups = ["people", "go", "boxes", "views", "do", "events"] as const;
type Group = (typeof groups)[number];

/** Something that the palette finds. */
export interface Findable {
  group: Group;
  text: string;
  /** Other texts by which it is found, such as an id. */
  also: readonly string[];
}

/** A found one, and the text by which it was found. */
export interface Found<One> {
  one: One;
  /** The letters of its text that match, the last one not included; null if another text matched. */
  marked: readonly [from: number, to: number] | null;
  /** The other text that matched; null if its own did. */
  by: string | null;
}

/** Case, width and outer blanks do not matter. */
const folded = (text: string) => text.normalize("NFKC").toLowerCase();

/**
 * The best of all that a typed text finds, in their groups. Equal texts find the same in the same order. In a group the
 * given order stays among those that match equally well.
 */
export function best<One extends Findable>(all: readonly One[], typed: string, most: number): Found<One>[] {
  const sought = folded(typed.trim());
  const found = all.flatMap((one) => {
    const match = matchOf(one, sought);
    return match === null ? [] : [{ one, ...match, place: groups.indexOf(one.group) }];
  });
  const chosen = found.toSorted((a, b) => a.rank - b.rank || a.place - b.place).slice(0, most);
  return chosen.toSorted((a, b) => a.place - b.place).map(({ one, marked, by }) => ({ one, marked, by }));
}

/** The lower the rank, the better: a text that begins so, another text that does, a word in it, any part. */
function matchOf({ text, also }: Findable, sought: string) {
  const [foldedText, others] = [folded(text), also.map(folded)];
  const at = foldedText.indexOf(sought);
  const marked =
    at < 0 || sought === "" || foldedText.length !== text.length ? null : ([at, at + sought.length] as const);
  if (at === 0) return { rank: 0, marked, by: null };
  const first = others.findIndex((other) => other.startsWith(sought));
  if (first >= 0) return { rank: 1, marked: null, by: also[first] ?? null };
  if (at > 0) return { rank: /[\p{L}\p{N}]/u.test(foldedText[at - 1] ?? "") ? 3 : 2, marked, by: null };
  const any = others.findIndex((other) => other.includes(sought));
  return any < 0 ? null : { rank: 3, marked: null, by: also[any] ?? null };
}
