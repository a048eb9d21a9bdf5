import { stripVTControlCharacters } from "node:util";

/** A text from outside, made harmless for a terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{C}\n\t]/gu, "\u{fffd}");
}
