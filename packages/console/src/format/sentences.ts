/** Sentences one after the other. In Chinese no space is between them: the full stop is as wide as one. */
export function inSequence(...sentences: readonly (string | null)[]): string {
  return sentences
    .filter((sentence) => sentence !== null)
    .reduce((before, next) => (/[。！？；]$/.test(before) ? `${before}${next}` : `${before} ${next}`));
}
