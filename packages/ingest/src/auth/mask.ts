import { Turns } from "../turns.ts";
import { type KeyForm, keyFormsIn, keyFormsOf } from "./key-forms.ts";
import { isInPicture } from "./picture-text.ts";

const star = "*";

/** Masking one key takes as long as looking at so many characters. */
export const charactersAForm = 64;

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
    pieces.push(text.slice(done, from), star.repeat(length));
    done = to;
  }
  return pieces.join("") + text.slice(done, piece.to);
}

/**
 * Masks every key in bytes, and counts them. Each character of a key must be one byte. Texts in `spared`, and words
 * that are pictures, stay as they are. Other requests have their turns meanwhile.
 */
export async function maskBytes(
  bytes: Buffer,
  spared: ReadonlySet<string> = new Set(),
): Promise<{ bytes: Buffer; count: number }> {
  const text = bytes.toString("latin1");
  const forms = await withoutPictures(text, await keyFormsOf(text), spared);
  const { length: count } = forms;
  return count === 0 ? { bytes, count } : { bytes: await withStars(bytes, forms), count };
}

async function withoutPictures(text: string, forms: readonly KeyForm[], spared: ReadonlySet<string>) {
  const turns = new Turns();
  const keys: KeyForm[] = [];
  let done = 0;
  for (const form of forms) {
    const [isSpared, looked] = spared.has(form.key) ? [true, 0] : isInPicture(text, { from: done, at: form.from });
    if (!isSpared) keys.push(form);
    done = form.to;
    if (turns.areOver(looked + charactersAForm)) await turns.next();
  }
  return keys;
}

async function withStars(bytes: Buffer, forms: readonly KeyForm[]): Promise<Buffer> {
  const turns = new Turns();
  const kept = Buffer.allocUnsafe(bytes.length);
  let [done, written] = [0, 0];
  for (const { from, to, length } of forms) {
    written += bytes.copy(kept, written, done, from);
    kept.fill(star, written, written + length);
    written += length;
    done = to;
    if (turns.areOver(charactersAForm)) await turns.next();
  }
  written += bytes.copy(kept, written, done);
  return kept.subarray(0, written);
}
