import { stripVTControlCharacters } from "node:util";

/**
 * Control and invisible characters, but line feeds, tabs, and a U+200C or U+200D behind a letter, mark or sign: no name
 * that `visible` of the API allows has one.
 */
const harmful = /(?<![\p{L}\p{M}\p{S}])[\u200c\u200d]|[^\P{C}\n\t\u200c\u200d]/gu;

/** A text from outside, made harmless for a terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(harmful, "\u{fffd}");
}
