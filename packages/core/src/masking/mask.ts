import { setImmediate as nextTurn } from "node:timers/promises";
import { CharacterTurns, firstStart, type KeyForm, keyFormsIn, keyFormsOf, turnCharacters } from "./key-forms.ts";
import { isAsJson, maxSecret, mayNameSecrets, type SecretPlace, secretsIn } from "./secrets.ts";

/** How the base64 of JPEG and PNG begins, in both base64 alphabets. */
const pictureStart = /^\s{0,8}(?:data:[^,]{0,100};base64,)?(?:\/9j\/|_9j_|iVBORw0KGgo)/i;

/** How many characters are searched for the beginning of a picture. */
const startLength = 200;

/** Most characters of a picture's text. A report never shows a larger picture. */
const maxPictureLength = 16 * 1024 * 1024;

const notBase64 = /[^A-Za-z0-9+/_=\s-]/;

const isOfWord = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));

/** Whether a text is the base64 of a picture. */
export function isPicture(text: string): boolean {
  const start = pictureStart.exec(text.slice(0, startLength))?.[0];
  return start !== undefined && text.length <= maxPictureLength && !notBase64.test(text.slice(start.length));
}

/**
 * Whether the word that `at` is in begins as a picture does. Nothing before `from` is looked at.
 *
 * @returns the characters that were looked at, too
 */
function isInPicture(bytes: Buffer, { from, at }: { from: number; at: number }): [is: boolean, looked: number] {
  let start = at;
  const first = Math.max(from, at - maxPictureLength);
  while (start > first && isOfWord[Number(bytes[start - 1])] === true) start -= 1;
  return [start < at && isPicture(bytes.toString("latin1", start, start + 16)), at - start];
}

const star = "*";
/** As many as the characters of nearly every key. */
const stars = star.repeat(64);

/** Masking one key takes as long as looking at so many characters. */
const charactersAForm = 64;

/** Masks every key in a text. A key without escapes keeps its length. */
export function masked(text: string): string {
  return maskForms(text, keyFormsIn(text), { from: 0, to: text.length });
}

/**
 * A piece of a text with its key forms masked. A key becomes one star for each of its decoded characters, so the text
 * has the same length once it is decoded.
 */
export function maskForms(text: string, forms: readonly KeyForm[], piece: { from: number; to: number }): string {
  const pieces: string[] = [];
  let done = piece.from;
  for (const { from, to, length } of forms) {
    pieces.push(text.slice(done, from), length > stars.length ? star.repeat(length) : stars.slice(0, length));
    done = to;
  }
  return pieces.join("") + text.slice(done, piece.to);
}

/** Bytes that are searched for secrets in one turn, and more than stands before one from its name on. */
const [secretTurn, secretOverlap] = [64 * 1024, 4096];

/**
 * Masks every secret in bytes, such as the password of a door, and counts them. Other requests have their turns
 * meanwhile.
 */
async function maskSecrets(bytes: Buffer): Promise<{ bytes: Buffer; count: number }> {
  const places: SecretPlace[] = [];
  const isJson = isAsJson(bytes.toString("latin1", 0, 256));
  for (let from = 0; from < bytes.length; from += secretTurn - secretOverlap) {
    if (from > 0) await nextTurn();
    const end = from + secretTurn;
    if (!mayNameSecrets(bytes, from, Math.min(end, bytes.length))) continue;
    // A secret whose name is in these bytes may end behind them. One that begins behind them is found by the next turn.
    for (const { mask, ...place } of secretsIn(bytes.toString("latin1", from, end + maxSecret), isJson)) {
      const [begin, to] = [place.from + from, place.to + from];
      if (begin < end && begin >= (places.at(-1)?.to ?? 0)) places.push({ from: begin, to, mask });
    }
  }
  if (places.length === 0) return { bytes, count: 0 };
  const pieces = places.flatMap(({ from, mask }, n) => [
    bytes.subarray(places[n - 1]?.to ?? 0, from),
    Buffer.from(mask),
  ]);
  return { bytes: Buffer.concat([...pieces, bytes.subarray(places.at(-1)?.to)]), count: places.length };
}

/**
 * Masks every key and every secret in bytes, and counts them. Each character of a key must be one byte. Texts in `spared`, and words
 * that are pictures, stay as they are. Other requests have their turns meanwhile.
 */
export async function maskBytes(
  sent: Buffer,
  spared: ReadonlySet<string> = new Set(),
): Promise<{ bytes: Buffer; count: number }> {
  const { bytes, count } = await maskSecrets(sent);
  const turns = new CharacterTurns();
  const masking = new Stars(bytes);
  let done = 0;
  for await (const forms of formsInBytes(bytes)) {
    for (const form of forms) {
      const [isSpared, looked] = spared.has(form.key) ? [true, 0] : isInPicture(bytes, { from: done, at: form.from });
      if (!isSpared) masking.cover(form);
      done = form.to;
      if (turns.areOver(looked + charactersAForm)) await turns.next();
    }
  }
  return { bytes: masking.bytes(), count: masking.count + count };
}

/** Finds key forms in bytes, and makes a text of only as many bytes at a time as one turn reads, if it can. */
async function* formsInBytes(bytes: Buffer): AsyncGenerator<KeyForm[]> {
  for (let done = 0; done < bytes.length; ) {
    if (done > 0) await nextTurn();
    const before = done;
    const text = textFrom(bytes, before);
    for await (const forms of keyFormsOf(text))
      yield forms.map(({ from, to, ...form }) => ({ ...form, from: before + from, to: before + to }));
    done += text.length;
  }
}

/** Bytes that are in no key, in any spelling. */
const isApart = Array.from({ length: 128 }, (_, code) => !/[\w\-\\%&#;{}\r\n]/.test(String.fromCharCode(code)));

/**
 * The bytes from `from` on that one turn reads, as text. No key begins in it and ends after it. If a key may begin at
 * `from` and does not end in this turn, all bytes from `from` on.
 */
function textFrom(bytes: Buffer, from: number): string {
  const to = from + turnCharacters;
  const text = bytes.toString("latin1", from, to);
  if (to >= bytes.length) return text;
  let end = text.length;
  while (end > 0 && isApart[text.charCodeAt(end - 1)] !== true) end -= 1;
  return text.slice(0, end || firstStart(text)) || bytes.toString("latin1", from);
}

/** Copies bytes with stars in the place of keys. Without a key it makes no copy. */
class Stars {
  count = 0;
  readonly #bytes: Buffer;
  #kept: Buffer | null = null;
  #read = 0;
  #written = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  cover({ from, to, length }: KeyForm): void {
    this.count += 1;
    this.#kept ??= Buffer.allocUnsafe(this.#bytes.length);
    this.#written += this.#bytes.copy(this.#kept, this.#written, this.#read, from);
    this.#kept.fill(star, this.#written, this.#written + length);
    this.#written += length;
    this.#read = to;
  }

  bytes(): Buffer {
    if (this.#kept === null) return this.#bytes;
    const rest = this.#bytes.copy(this.#kept, this.#written, this.#read);
    return this.#kept.subarray(0, this.#written + rest);
  }
}
