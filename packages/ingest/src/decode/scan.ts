/** What is known of a JSON text before it is parsed. */
export interface Scan {
  isTooDeep: boolean;
  /** How many members all objects have as written. It is more than the parsed value has where a key occurs twice. */
  members: number;
  /** Whether there may be an integer that a double cannot hold. */
  hasLongInteger: boolean;
}

/** An integer of so many digits may lose some of them as a double. */
const longInteger = 16;

/**
 * Looks at everything except the contents of strings. It jumps over those from quote to quote, so pictures, which are
 * nearly all of a report, cost almost nothing.
 */
export function scan(text: string, maxLevels: number): Scan {
  const structure = new Structure(maxLevels);
  for (let from = 0; from < text.length && !structure.isTooDeep; ) {
    const quote = text.indexOf('"', from);
    const to = quote < 0 ? text.length : quote;
    structure.look(text, from, to);
    const end = quote < 0 ? -1 : endOfString(text, quote + 1, '"');
    from = end < 0 ? text.length : end + 1;
  }
  return structure;
}

/** Where the quote is that ends a string which begins at `from`; -1 where none does. */
export function endOfString(text: string, from: number, quote: string): number {
  let end = text.indexOf(quote, from);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf(quote, end + 1);
  return end;
}

/** Whether the character at `at` stands behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === 0x5c) before -= 1;
  return (at - before) % 2 === 0;
}

class Structure implements Scan {
  isTooDeep = false;
  members = 0;
  hasLongInteger = false;
  readonly #maxLevels: number;
  #level = 0;
  #digits = 0;

  constructor(maxLevels: number) {
    this.#maxLevels = maxLevels;
  }

  look(text: string, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x30 && code <= 0x39) this.#digits += 1;
      else this.#mark(code);
    }
    this.#endNumber();
  }

  #mark(code: number): void {
    switch (code) {
      case 0x2e: // . e E: no integer
      case 0x45:
      case 0x65:
        this.#digits = Number.NEGATIVE_INFINITY;
        return;
      case 0x5b: // [ {
      case 0x7b:
        this.#level += 1;
        this.isTooDeep ||= this.#level > this.#maxLevels;
        break;
      case 0x5d: // ] }
      case 0x7d:
        this.#level -= 1;
        break;
      case 0x3a: // :
        this.members += 1;
    }
    this.#endNumber();
  }

  #endNumber(): void {
    this.hasLongInteger ||= this.#digits >= longInteger;
    this.#digits = 0;
  }
}
