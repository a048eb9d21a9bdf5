import { setImmediate as nextTurn } from "node:timers/promises";
import { turnCharacters } from "../turns.ts";
import { charAt, fewestRandom, KeyRun, startOfEscape } from "./key-run.ts";

/** Where a text has the form of a key. */
export interface KeyForm {
  from: number;
  to: number;
  /** The key as it reads once escapes are resolved, or as much of it as any key has. */
  key: string;
  /** Characters of all of it, as it reads. */
  length: number;
}

/** The first two letters of a key where none of them is escaped, as in nearly every text. */
const plainStart = /gp/g;
/** The same, or the escape of one of them: percent-encoded, or as in JSON or Python. */
const anyStart = /gp|(?:%|\\(?:u00|x))(?:67|70)/g;
/** Characters of the longest start, less one: so many of the next turn may belong to a start of this one. */
const startOverlap = 5;

/** Everything in a text that has the form of a key, in its order, also where characters of it are escaped. */
export function keyFormsIn(text: string): KeyForm[] {
  if (text.length < fewestRandom || !hasStart(text)) return [];
  const search = new Search(text);
  while (!search.isOver) search.go();
  return search.found;
}

/** Whether a key may begin anywhere in a text: in nearly every one none does. */
function hasStart(text: string): boolean {
  return text.includes("gp") || text.includes("%") || text.includes("\\");
}

/** The same for a text of any length: others have their turns meanwhile. */
export async function keyFormsOf(text: string): Promise<KeyForm[]> {
  const search = new Search(text);
  while (!search.isOver) {
    search.go();
    if (text.length > turnCharacters) await nextTurn();
  }
  return search.found;
}

/** A form that may go on for longer than a turn. */
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

  /** Looks at what belongs to one turn. */
  go(): void {
    const to = this.#at + turnCharacters;
    if (this.#begun !== null) this.#goOn(this.#begun, to);
    if (this.#begun === null) this.#look(Math.max(this.#at, this.#done), to);
    this.#at = Math.max(to, this.#done);
  }

  #look(from: number, to: number): void {
    const part = this.#text.slice(from, to + startOverlap);
    const starts = part.includes("%") || part.includes("\\") ? anyStart : plainStart;
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

/** The form of a key that begins around its first or second letter: `gpi_`, `gpr_` or `gpa_`, and what a key has behind it. */
function beginAt(text: string, at: number): Begun | null {
  const letter = charAt(text, at);
  const from = letter?.char === "p" ? at - 1 : at;
  const prefix = prefixFrom(text, from);
  if (prefix === null) return null;
  const run = new KeyRun(text, prefix.to);
  return run.isOfKey() ? { from, scope: prefix.scope, run } : null;
}

function prefixFrom(text: string, from: number): { scope: string; to: number } | null {
  let to = from;
  let read = "";
  for (const chars of ["g", "p", "ira", "_"]) {
    const next = charAt(text, to);
    if (next === null || !chars.includes(next.char)) return null;
    read += next.char;
    to = next.to;
  }
  return { scope: read.charAt(2), to };
}
