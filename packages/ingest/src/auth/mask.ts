import { Turns } from "../turns.ts";
import { type KeyForm, keyFormsIn, keyFormsOf } from "./key-forms.ts";
import { isInPicture } from "./picture-text.ts";

const star = "*";

/** To mask one key takes as long as to look at so many characters. */
export const charactersAForm = 64;

/** The text with every key masked. A key without escapes stays as long as it was. */
export function masked(text: string): string {
  return maskForms(text, keyFormsIn(text), { from: 0, to: text.length });
}

/**
 * A piece of a text with the forms in it masked: one star for each character of a key, however it was written, so the
 * text reads the same once it is decoded.
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
 * Masks every key in bytes of which each character of a key is one byte, and says how many there were. What was spared
 * before, and what belongs to a word that is a picture, stays. Others have their turns meanwhile.
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
