import { setImmediate as nextTurn } from "node:timers/promises";
import { isPicture } from "../decode/part-pictures.ts";
import { isPictureFile } from "../decode/text.ts";
import type { Coding } from "./coding.ts";
import { pictureLike } from "./pictures.ts";
import { type BodyValue, Collision } from "./pieces.ts";
import { Times, timeInText } from "./times.ts";
import { isKnown } from "./words.ts";

const signs = String.raw`(?:(?!\uFFFD)[\p{L}\p{M}\p{N}\p{So}\p{Co}])`;
const runs = /(?:(?!\uFFFD)[\p{L}\p{M}\p{N}\p{So}\p{Co}])+/gu;
const hexGroups = String.raw`(?<![0-9A-Za-z])[0-9A-Fa-f]{1,12}(?:[:\-]{1,2}[0-9A-Fa-f]{1,12}){3,7}(?![0-9A-Za-z])`;
const address = String.raw`(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])`;
const kept = String.raw`(?:https?|rtsp|ftp)(?=:\/\/\w)|cid(?=:\w)|(?<=\.)(?:jpe?g|png|bmp|gif|txt|json|xml|mp4)(?![0-9A-Za-z])`;

/** A run of letters and digits, or a piece of a longer one: no rest is shorter than a word that is replaced as one. */
const run = `${signs}{1,480}(?:${signs}{1,32}(?!${signs}))?`;

/** The replaced parts of a text: times, addresses, numbers in hexadecimal groups, and runs of letters and digits. */
const parts = new RegExp(
  `${timeInText}|(?<address>${address})|(?<hex>${hexGroups})|(?<kept>${kept})|(?<run>${run})`,
  "giu",
);

/** A text with a letter, or a digit that is no zero: any other one says nothing. */
const says = /(?![0\uFFFD])[\p{L}\p{M}\p{N}\p{So}\p{Co}]/u;
const isNothing = /^[-+]?0*(?:\.0*)?(?:e[-+]?\d+)?$/i;

/** Characters of the shortest value that must be nowhere in a sample. */
const shortest = 4;

/** Characters of a value that a moved time may contain: a year, or an hour. */
const ofTime = 7;

/** Texts by their first characters. */
class Texts {
  readonly #byBeginning = new Map<string, string[]>();

  constructor(texts: Iterable<string>) {
    for (const text of texts) {
      const beginning = text.slice(0, shortest);
      const same = this.#byBeginning.get(beginning) ?? [];
      this.#byBeginning.set(beginning, same);
      same.push(text);
    }
  }

  /** Whether one of them that has at least so many characters begins within a part of a text, and is in the text. */
  isIn(text: string, length: number, from = 0, to = text.length): boolean {
    for (let at = from; at < to && at + shortest <= text.length; at++) {
      const same = this.#byBeginning.get(text.slice(at, at + shortest)) ?? [];
      if (same.some((one) => one.length >= length && text.startsWith(one, at))) return true;
    }
    return false;
  }
}

/** The values for which stand-ins are needed, and how. */
export interface Needs {
  values: readonly BodyValue[];
  /** Whether a text is of an enumeration, and stays. */
  isEnumerated(text: string): boolean;
  codings: Iterable<Coding>;
  receivedAt: number;
  /** A whole number from 0 to below `below`. */
  random(below: number): number;
}

const isExact = (number: string) => Math.abs(Number(number)) <= Number.MAX_SAFE_INTEGER;

/** Chooses a stand-in for each value of a body: the same for the same, and different ones for different ones. */
export class StandIns {
  /** The values that stay. */
  readonly kept = new Set<string>();
  readonly #needs: Needs;
  readonly #codings: readonly Coding[];
  readonly #times: Times;
  readonly #sent = new Set<string>();
  #forbidden = new Texts([]);
  readonly #texts = new Map<string, string>();
  readonly #runs = new Map<string, string>();
  readonly #used = new Set<string>();
  readonly #cycles = new Map<string, readonly number[]>();
  readonly #alphabets = new Map<string, readonly string[]>();
  #left = ofTurn;

  private constructor(needs: Needs) {
    this.#needs = needs;
    this.#codings = [...needs.codings];
    this.#times = new Times(needs.values, needs.receivedAt, needs.random);
  }

  /** Chooses for all values, in turns of the event loop. Throws Collision if one is, or contains, another value. */
  static async chosen(needs: Needs): Promise<StandIns> {
    const standIns = new StandIns(needs);
    const values = needs.values.filter((value) => !standIns.#isKept(value));
    for (const value of values) await standIns.#addSent(value);
    standIns.#forbidden = new Texts(
      [...standIns.#sent].filter((text) => text.length >= shortest && says.test(text) && !isNothing.test(text)),
    );
    for (const value of values) {
      const key = keyOf(value);
      if (!standIns.#texts.has(key)) standIns.#texts.set(key, await standIns.#made(value));
    }
    return standIns;
  }

  /** Lets others have their turn after so much work, in characters of runs. */
  async #worked(characters: number): Promise<void> {
    this.#left -= characters + ofPart;
    if (this.#left > 0) return;
    this.#left = ofTurn;
    await nextTurn();
  }

  /** A value, and the words in it. */
  async #addSent({ text, kind }: BodyValue): Promise<void> {
    this.#sent.add(text);
    if (kind === "bytes" || isPicture(text)) return;
    for (const { groups: { run } = {} } of text.matchAll(parts)) {
      await this.#worked(0);
      // Words of a text that cannot be read do not stay.
      if (run !== undefined && (kind === "unread" || !isKnown(run, ""))) this.#sent.add(run);
    }
  }

  /** The stand-in of one of the values. */
  of(value: BodyValue): string {
    if (this.#isKept(value)) {
      if (value.text !== "") this.kept.add(value.text);
      return value.text;
    }
    const standIn = this.#texts.get(keyOf(value));
    if (standIn === undefined) throw new Error("no stand-in was chosen for a value");
    return standIn;
  }

  #isKept({ text, name, kind }: BodyValue): boolean {
    return (kind === "text" || kind === "number") && (isKnown(text, name) || this.#needs.isEnumerated(text));
  }

  async #made({ text, kind }: BodyValue): Promise<string> {
    if (kind === "bytes") return this.#bytes(text);
    const picture = this.#base64Picture(text);
    if (picture !== null) return picture;
    const [standIn, fresh] = this.#number(text, kind) ?? (await this.#text(text, kind));
    if ((await this.#isForbidden(fresh, shortest)) || (await this.#isForbidden(standIn, ofTime + 1)))
      throw new Collision();
    return standIn;
  }

  async #isForbidden(text: string, length: number): Promise<boolean> {
    for (let from = 0; from < text.length; from += ofTurn) {
      if (this.#forbidden.isIn(text, length, from, from + ofTurn)) return true;
      await this.#worked(Math.min(ofTurn, text.length - from));
    }
    return false;
  }

  /** The stand-in of a text that is a number or a time in digits, and the same without times. Null for any other. */
  #number(text: string, kind: BodyValue["kind"]): [string, string] | null {
    const [all, sign = "", whole = "", point = "", fraction = "", exponent = ""] =
      /^([-+]?)(\d+)(?:(\.)(\d+))?(e[-+]?\d+)?$/i.exec(text) ?? [];
    // A text as 4e711 may be an id. A very long one is replaced in pieces.
    if (all === undefined || all.length > longest || (kind !== "number" && /^e\d/i.test(exponent))) return null;
    const moved = this.#times.number(whole) ?? (whole.length < 12 ? null : this.#times.text(whole));
    if (moved !== null) return [`${sign}${moved}${point}${fraction}`, ""];
    const digits =
      whole === "0" ? whole : whole.length === 1 ? this.#cycled([nonZeros], whole) : this.#run(whole, false);
    // With another first digit, a large number could become infinite or exact.
    const power = isExact(text) ? exponent : exponent.replace(/\d{3}$/, "200").replace(/(?<!\d)\d\d$/, "99");
    const standIn = `${sign}${digits}${point}${this.#fraction(fraction)}${power}`;
    // A number that is too large to be exact is read as its digits.
    if (kind === "number" && isExact(text) !== isExact(standIn)) throw new Collision();
    return [standIn, standIn];
  }

  /** The last digit stays zero, or another: else two numbers could become equal. */
  #fraction(fraction: string): string {
    if (fraction === "") return "";
    const last = fraction.slice(-1);
    const before = fraction.slice(0, -1);
    const alphabet = last === "0" ? ["0"] : nonZeros;
    if (before === "") return this.#cycled([alphabet], last);
    return this.#chosen([...Array.from(before, () => digits), alphabet], fraction, "fraction");
  }

  /** The stand-in of a text, and the same without times. */
  async #text(text: string, kind: BodyValue["kind"]): Promise<[string, string]> {
    let [standIn, fresh, from] = ["", "", 0];
    for (const match of text.matchAll(parts)) {
      const [part] = match;
      await this.#worked(part.length);
      const between = text.slice(from, match.index);
      const { groups = {} } = match;
      const moved = groups["time"] === undefined ? null : this.#times.text(part);
      const isKept = groups["kept"] !== undefined && kind !== "unread";
      const made = moved ?? (isKept ? part : this.#part(part, groups));
      standIn += between + made;
      fresh += between + (moved === null ? made : "\0");
      from = match.index + part.length;
    }
    const rest = text.slice(from);
    return [standIn + rest, fresh + rest];
  }

  #part(part: string, groups: Readonly<Record<string, string | undefined>>): string {
    if (groups["address"] !== undefined) return part.replace(/\d+/g, (octet) => this.#octet(octet));
    if (groups["hex"] !== undefined) return part.replace(/[0-9A-Fa-f]+/g, (run) => this.#run(run, true));
    return part.replace(runs, (run) => this.#times.number(run) ?? this.#run(run, false));
  }

  #octet(octet: string): string {
    const first = octet.length === 1 ? 0 : 10 ** (octet.length - 1);
    const count = Math.min(10 ** octet.length, 256) - first;
    const at = Number(octet) - first;
    if (at >= count || at < 0) return this.#run(octet, false);
    return `${first + Number(this.#cycle(`octet ${octet.length}`, count)[at])}`;
  }

  #run(run: string, isHex: boolean): string {
    const characters = [...run];
    const [hasDigit, isLong] = [/\d/.test(run), characters.length >= longRun];
    const hex = isHex || (/^[0-9a-fA-F]{4,}$/.test(run) && hasDigit && /[a-fA-F]/.test(run));
    const areDigits = !isHex && /^\d+$/.test(run);
    if (isLong && /^[0-9A-Za-z]+$/.test(run) && hasDigit && !areDigits) return this.#long(run, hex);
    const ofExactness = areDigits && run.length === 16 && run[0] !== "0" ? exactAlphabets(run) : [];
    const alphabets = characters.map((character, at) => {
      const alphabet = ofExactness[at];
      if (alphabet !== undefined) return alphabet;
      if (areDigits && at === 0 && run.length > 1) return character === "0" ? ["0"] : nonZeros;
      return this.#alphabetOf(character, hex);
    });
    return this.#chosen(alphabets, run, hex ? "hex" : "run");
  }

  /** A text of one character of each alphabet. Few that are possible are paired off, so that there is one for each. */
  #chosen(alphabets: readonly (readonly string[])[], text: string, kind: string): string {
    const possible = alphabets.reduce((product, { length }) => Math.min(product * length, 1e9), 1);
    if (possible <= few) return this.#cycled(alphabets, text);
    const key = `${kind} ${text}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    for (let left = tries; left > 0; left--) {
      const made = alphabets.map((alphabet) => alphabet[this.#needs.random(alphabet.length)]).join("");
      const isFree = made !== text && !this.#used.has(made) && !this.#sent.has(made) && !isKnown(made, "");
      if (!isFree || this.#forbidden.isIn(made, shortest)) continue;
      this.#used.add(made);
      this.#runs.set(key, made);
      return made;
    }
    throw new Collision();
  }

  #cycled(alphabets: readonly (readonly string[])[], text: string): string {
    const characters = [...text];
    let at = 0;
    for (const [index, alphabet] of alphabets.entries())
      at = at * alphabet.length + alphabet.indexOf(String(characters[index]));
    const possible = alphabets.reduce((product, { length }) => product * length, 1);
    const cycle = this.#cycle(alphabets.map((alphabet) => `${alphabet[0]}${alphabet.length}`).join(" "), possible);
    let made = "";
    // Words that dialects know stay, so no other text takes the place behind one.
    do {
      at = Number(cycle[at]);
      made = textAt(alphabets, at);
    } while (isKnown(made, ""));
    return made;
  }

  /** Another number for each number below `count`: one cycle through all of them. */
  #cycle(key: string, count: number): readonly number[] {
    const known = this.#cycles.get(key);
    if (known !== undefined) return known;
    const cycle = Array.from({ length: count }, (_, at) => at);
    for (let at = count - 1; at > 0; at--) {
      const other = this.#needs.random(at);
      [cycle[at], cycle[other]] = [Number(cycle[other]), Number(cycle[at])];
    }
    this.#cycles.set(key, cycle);
    return cycle;
  }

  /** Base64 and hexadecimal of templates and keys: the places of letters and digits would say much of them. */
  #long(run: string, isHex: boolean): string {
    const alphabet = isHex ? hexOf(run) : letters;
    const made =
      this.#runs.get(run) ??
      Array.from({ length: run.length }, () => alphabet[this.#needs.random(alphabet.length)]).join("");
    this.#runs.set(run, made);
    return made;
  }

  #alphabetOf(character: string, isHex: boolean): readonly string[] {
    if (/\d/.test(character)) return digits;
    if (/[A-Za-z]/.test(character)) {
      const alphabet = isHex ? lower.slice(0, 6) : lower;
      return character < "a" ? alphabet.map((letter) => letter.toUpperCase()) : alphabet;
    }
    const known = this.#alphabets.get(character) ?? this.#similarTo(character);
    this.#alphabets.set(character, known);
    return known;
  }

  /** Characters of the same script and kind, of as many bytes. */
  #similarTo(character: string): readonly string[] {
    const isWritable = (one: string) => this.#codings.every((coding) => coding.has(one));
    const kind = kinds.find((pattern) => pattern.test(character));
    const from = Number(character.codePointAt(0)) & ~0x7f;
    const block = Array.from({ length: 0x80 }, (_, at) => String.fromCodePoint(from + at));
    const similar = block.filter((one) => kind?.test(one) && (one === character || isWritable(one)));
    const isHan = /^[\u4e00-\u9fff]$/.test(character);
    // A charset may have one character alone of a block.
    if (!isHan && similar.length > 1) return similar;
    const known = commonHan().filter(isWritable);
    return known.includes(character) ? known : [...known, character];
  }

  #mark(): Buffer {
    return Buffer.from(Array.from({ length: 8 }, () => 1 + this.#needs.random(0x7e)));
  }

  #picture(bytes: Buffer): Buffer {
    return pictureLike(bytes, this.#mark());
  }

  /** Base64 of a picture, with its line breaks and its padding. Null for any other text. */
  #base64Picture(text: string): string | null {
    const sent = text.replace(/^\s*(?:data:[^,]{0,100},)?/i, "");
    if (!isPicture(sent)) return null;
    const prefix = text.slice(0, text.length - sent.length);
    const isUrlSafe = /[-_]/.test(sent);
    const places = sent.replaceAll(/[^\w+/ -]/g, "");
    const picture = this.#picture(Buffer.from(places.replaceAll(" ", "+"), "base64"));
    const made = picture
      .toString(isUrlSafe ? "base64url" : "base64")
      .replaceAll("=", "")
      .padEnd(places.length, "A");
    // A picture of one line, as nearly every one.
    if (places.length === sent.length) return prefix + made.slice(0, places.length);
    let done = 0;
    const filled = sent.replaceAll(/[\w+/ -]+/g, ({ length }) => {
      done += length;
      return made.slice(done - length, done);
    });
    return prefix + filled;
  }

  /** A picture, or bytes that are no text: of these, each becomes another one of the same range in UTF-8. */
  async #bytes(text: string): Promise<string> {
    const bytes = Buffer.from(text, "latin1");
    if (isPictureFile(bytes)) return this.#picture(bytes).toString("latin1");
    const made: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; from += ofTurn) {
      made.push(bytes.subarray(from, from + ofTurn).map((byte) => this.#byte(byte)));
      await this.#worked(ofTurn);
    }
    return Buffer.concat(made).toString("latin1");
  }

  #byte(byte: number): number {
    const range = byteRanges.find(([first, last]) => byte >= first && byte <= last);
    return range === undefined ? byte : range[0] + this.#needs.random(range[1] - range[0] + 1);
  }
}

/** The text at a place in the list of all texts that have one character of each alphabet. */
function textAt(alphabets: readonly (readonly string[])[], at: number): string {
  let left = at;
  const made = alphabets.toReversed().map((alphabet) => {
    const character = alphabet[left % alphabet.length];
    left = Math.floor(left / alphabet.length);
    return character;
  });
  return made.toReversed().join("");
}

/** Digits, letters, and bytes beyond ASCII. */
const byteRanges: readonly (readonly [number, number])[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0x81, 0x8f],
  [0x90, 0x9f],
  [0xa0, 0xbf],
  [0xc2, 0xdf],
  [0xe1, 0xec],
  [0xee, 0xef],
  [0xf1, 0xf3],
];

const digits = [..."0123456789"];
const nonZeros = digits.slice(1);
/** The alphabets of the first two of 16 digits. They decide whether a number is exact, as up to 9007199254740991. */
const exactAlphabets = (run: string) => (isExact(run) ? [digits.slice(1, 9), digits] : [["9"], nonZeros]);
const lower = [..."abcdefghijklmnopqrstuvwxyz"];
const letters = [...digits, ...lower, ...lower.map((letter) => letter.toUpperCase())];
const hexOf = (run: string) =>
  [...digits, ...lower.slice(0, 6)].map((digit) => (/[A-F]/.test(run) ? digit.toUpperCase() : digit));

const keyOf = ({ text, kind }: BodyValue) => `${kind} ${text}`;

/** Characters of runs that are replaced in a turn of the event loop: some ten milliseconds. */
const ofTurn = 8192;
/** What the search for a part takes, in characters. */
const ofPart = 32;
/** Characters of a number that is replaced as one. */
const longest = 512;

/** Characters of a run that is surely no name. */
const longRun = 32;
/** Texts of an alphabet that are paired off. */
const few = 1000;
const tries = 200;

const kinds = [
  /\p{Lu}/u,
  /\p{Ll}/u,
  /\p{Lo}/u,
  /\p{Lm}/u,
  /\p{Lt}/u,
  /\p{Nd}/u,
  /\p{N}/u,
  /\p{M}/u,
  /\p{So}/u,
  /\p{Co}/u,
];

let han: readonly string[] | undefined;

/** The 3,755 characters of the first level of GB 2312. */
function commonHan(): readonly string[] {
  han ??= Array.from({ length: 0xd8 - 0xb0 }, (_, row) => row + 0xb0)
    .flatMap((row) =>
      Array.from({ length: 0x5e }, (_, column) => new TextDecoder("gb18030").decode(Buffer.from([row, column + 0xa1]))),
    )
    .filter((character) => /[\u4e00-\u9fff]/.test(character));
  return han;
}
