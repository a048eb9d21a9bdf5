import { setImmediate as nextTurn } from "node:timers/promises";
import { charAt, fewestRandom, KeyRun, startOfEscape } from "./key-run.ts";

/** Characters that are read in one turn. If every one of them is hostile, that takes some 20 ms. */
export const turnCharacters = 256 * 1024;

/** Gives other requests their turns during long work on texts. */
export class CharacterTurns {
  #left = turnCharacters;

  /** Counts characters that were read. Returns whether it is the turn of others: then await `next`. */
  areOver(characters: number): boolean {
    this.#left -= characters;
    return this.#left < 0;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#left = turnCharacters;
  }
}

/** A place where a text has the form of a key. */
export interface KeyForm {
  from: number;
  to: number;
  /** The key with its escapes resolved. A longer one is cut to the length of the longest key. */
  key: string;
  /** Characters of the whole key with its escapes resolved. */
  length: number;
}

/** The first two letters of a key, as in nearly every text. */
const plainStart = /gp/g;
/** Characters by which a key may be written in another way than by its plain letters. */
const oddSigns = ["%", "\\", "&", "\r", "\n"];
/** The first letter of a key in any way of writing it; a plain one is followed by `p`, or by something unusual. */
const anyStart =
  /g(?=[p%\\&\r\n\u0080-\uffff])|%(?:25){0,4}(?:67|[eE][fF]%(?:25){0,4}[bB][dD]%(?:25){0,4}87)|\\(?:u00|x|U000000|u\{0{0,6})67|\\u(?:\{0{0,6})?[fF]{2}47|&(?:amp;){0,4}#(?:[xX]0{0,6}67|0{0,6}103|[xX]0{0,6}[fF]{2}47|0{0,6}65351);|\uff47|\u00ef\u00bd\u0087/g;
/** More characters than the longest start, so that one may begin in this turn and end in the next. */
const startOverlap = 64;

/** Finds every key form in a text, in order, even if characters are escaped. */
export function keyFormsIn(text: string): KeyForm[] {
  if (text.length < fewestRandom || !hasStart(text)) return [];
  const search = new Search(text);
  while (!search.isOver) search.go();
  return search.found;
}

/** Whether a key can begin anywhere in a text. In nearly every text it cannot. */
function hasStart(text: string): boolean {
  return text.includes("gp") || isOdd(text);
}

/** Whether a text has a sign of `oddSigns`, or one that is not of ASCII. A pattern would read it ten times as slowly. */
function isOdd(text: string): boolean {
  return oddSigns.some((sign) => text.includes(sign)) || Buffer.byteLength(text) > text.length;
}

/**
 * The earliest possible beginning of a key in a text of which more follows. If there is none, a place shortly before
 * its end, because the rest may complete a key.
 */
export function firstStart(text: string): number {
  const found = text.search(anyStart);
  return startOfEscape(text, found < 0 ? text.length - startOverlap : found);
}

/**
 * The same as `keyFormsIn` for a text of any length, and as many forms at a time as one turn finds. Between its turns
 * other requests are handled.
 */
export async function* keyFormsOf(text: string): AsyncGenerator<KeyForm[]> {
  const search = new Search(text);
  while (!search.isOver) {
    search.go();
    if (search.found.length > 0) yield search.found.splice(0);
    if (text.length > turnCharacters) await nextTurn();
  }
}

/** A key form that may continue after the current turn. */
interface Begun {
  from: number;
  scope: string;
  run: KeyRun;
}

class Search {
  readonly found: KeyForm[] = [];
  readonly #text: string;
  #at = 0;
  /** The end of the last form. */
  #done = 0;
  #begun: Begun | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  get isOver(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Searches as much of the text as belongs to one turn. */
  go(): void {
    const to = this.#at + turnCharacters;
    if (this.#begun !== null) this.#goOn(this.#begun, to);
    if (this.#begun === null) this.#look(Math.max(this.#at, this.#done), to);
    this.#at = Math.max(to, this.#done);
  }

  #look(from: number, to: number): void {
    const part = this.#text.slice(from, to + startOverlap);
    const starts = isOdd(part) ? anyStart : plainStart;
    for (const { index } of part.matchAll(starts)) {
      const begun = from + index < this.#done ? null : beginAt(this.#text, startOfEscape(this.#text, from + index));
      if (begun !== null && begun.from >= this.#done) this.#goOn(begun, to);
      if (this.#begun !== null) return;
    }
  }

  #goOn(begun: Begun, to: number): void {
    const { from, scope, run } = begun;
    run.readTo(to);
    this.#done = run.at;
    this.#begun = run.isOver ? null : begun;
    if (run.isOver)
      this.found.push({ from, to: run.at, key: `gp${scope}_${run.kept}`, length: prefixLength + run.length });
  }
}

const prefixLength = 4;

/**
 * The key form that begins at `from`: a prefix and enough characters after it; null if there is none. Keys begin with
 * `gpi_`, `gpr_`, `gpa_` or `gpo_`, invitations with `gpv_`, links to evacuation lists with `gpe_`, and codes of first
 * links and sessions with `gps_`.
 */
function beginAt(text: string, from: number): Begun | null {
  const prefix = prefixFrom(text, from);
  if (prefix === null) return null;
  const run = new KeyRun(text, prefix.to);
  return run.isOfKey() ? { from, scope: prefix.scope, run } : null;
}

function prefixFrom(text: string, from: number): { scope: string; to: number } | null {
  let to = from;
  let read = "";
  for (const chars of ["g", "p", "iravoes", "_"]) {
    const next = charAt(text, to);
    if (next === null || !chars.includes(next.char)) return null;
    read += next.char;
    to = next.to;
  }
  return { scope: read.charAt(2), to };
}
