import { searchable } from "@gatepost/protocol";
import { pinyin } from "pinyin-pro";

/** The readings of a Chinese character, without tones: ü is v. */
const known = new Map<string, readonly string[]>();

function readingsOf(character: string): readonly string[] {
  if (!isHan(character)) return [character];
  const held = known.get(character);
  if (held !== undefined) return held;
  const readings = [...new Set(pinyin(character, { multiple: true, toneType: "none", type: "array", v: true }))];
  known.set(character, readings);
  return readings;
}

function isHan(character: string): boolean {
  return /^\p{Script=Han}$/u.test(character);
}

/**
 * The reading of a name in Chinese characters, by syllables, with the reading that a surname has; null for another name.
 *
 * @example pinyinOf("单雄信") === "shan xiong xin"
 */
export function pinyinOf(name: string): string | null {
  if (![...name].some(isHan)) return null;
  return pinyin(name, { toneType: "none", surname: "head", type: "array", nonZh: "consecutive", v: true }).join(" ");
}

/** Characters of a name that are looked at. */
const maxCharacters = 64;

/** A text that people are searched by. */
export interface SoughtPerson {
  /** As texts are compared (`searchable`). */
  text: string;
  /** The letters of a reading, without blanks; null if it can be none. */
  letters: string | null;
}

export function soughtPerson(q: string): SoughtPerson {
  const text = searchable(q);
  const letters = searchable(q.normalize().replaceAll(/ü/gi, "v")).replaceAll(/[\s'’]/g, "");
  return { text, letters: /^[a-z]{1,64}$/.test(letters) ? letters : null };
}

/**
 * How well a person matches: 0 if the name begins so, 1 if its reading does, 2 if the id does, 3 if any contains it;
 * null if none does. A reading is sought as a whole, by syllables, by initials, and with every reading of a character.
 */
export function rankOf(
  { name, id }: { name: string | null; id: string },
  { text, letters }: SoughtPerson,
): number | null {
  const [called, foldedId] = [searchable(name ?? ""), searchable(id)];
  if (called.startsWith(text)) return 0;
  const characters = letters === null || name === null ? [] : [...called].slice(0, maxCharacters);
  const isRead = (from: number) => letters !== null && readsAs(characters, letters, from);
  if (characters.some(isHan) && isRead(0)) return 1;
  if (foldedId.startsWith(text)) return 2;
  if (called.includes(text) || foldedId.includes(text)) return 3;
  return characters.some((character, from) => isHan(character) && isRead(from)) ? 3 : null;
}

/** Between the parts of a search text. No text has it as it is compared. */
const separator = "\0";

/**
 * The text of a person that searches look at first: the first letters of all readings of the name, the name, and the id, as
 * texts are compared.
 */
export function searchText({ name, id }: { name: string | null; id: string }): string {
  const called = searchable(name ?? "");
  const characters = [...called].slice(0, maxCharacters);
  const heads = characters.some(isHan) ? new Set(characters.flatMap(headsOf)) : [];
  return [[...heads].join(""), called, searchable(id)].join(separator);
}

function headsOf(character: string): string[] {
  return readingsOf(character).map((reading) => reading.slice(0, 1).replace(/[^a-z]/, ""));
}

/** Whether a person with a search text matches at all: `rankOf` is not null. */
export function isFound(search: string, { text, letters }: SoughtPerson): boolean {
  const end = search.indexOf(separator);
  if (search.includes(text, end)) return true;
  const head = letters === null ? -1 : search.indexOf(letters.slice(0, 1));
  if (letters === null || head === -1 || head > end) return false;
  const characters = [...search.slice(end + 1, search.lastIndexOf(separator))].slice(0, maxCharacters);
  return characters.some((one, from) => (from === 0 || isHan(one)) && readsAs(characters, letters, from));
}

/** Whether the characters from a place on can be read as these letters: of each, a reading or its beginning. */
function readsAs(characters: readonly string[], letters: string, from: number): boolean {
  const first = readingsOf(characters[from] ?? "");
  if (first.some((reading) => reading.startsWith(letters))) return true;
  if (!first.some((reading) => reading.startsWith(letters.slice(0, 1)))) return false;
  let places: ReadonlySet<number> = new Set([0]);
  for (const character of characters.slice(from)) {
    places = new Set([...places].flatMap((place) => placesAfter(character, letters, place)));
    if (places.has(letters.length)) return true;
    if (places.size === 0) return false;
  }
  return false;
}

/** The places in the letters after one character is read from a place on. */
function placesAfter(character: string, letters: string, place: number): number[] {
  return readingsOf(character).flatMap((reading) => {
    const all = [...reading].map((_, n) => n + 1);
    const differing = all.findIndex((length) => letters[place + length - 1] !== reading[length - 1]);
    return (differing === -1 ? all : all.slice(0, differing)).map((length) => place + length);
  });
}
