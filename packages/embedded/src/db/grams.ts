const maxLength = 3;

/**
 * Every sequence of one to three characters in the lines of a text. Even a name of two characters can be found by them.
 */
export function gramsOf(text: string): string[] {
  const grams = new Set<string>();
  for (const line of text.split("\n")) {
    const characters = [...line];
    for (const start of characters.keys()) {
      for (let length = 1; length <= maxLength; length++) grams.add(characters.slice(start, start + length).join(""));
    }
  }
  return [...grams];
}

/** The sequences that every text containing `sought` has. */
export function gramsIn(sought: string): string[] {
  const characters = [...sought];
  const length = Math.min(maxLength, characters.length);
  const starts = [...characters.keys()].slice(0, characters.length - length + 1);
  return [...new Set(starts.map((start) => characters.slice(start, start + length).join("")))];
}
