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
export function isInPicture(bytes: Buffer, { from, at }: { from: number; at: number }): [is: boolean, looked: number] {
  let start = at;
  const first = Math.max(from, at - maxPictureLength);
  while (start > first && isOfWord[Number(bytes[start - 1])] === true) start -= 1;
  return [start < at && isPicture(bytes.toString("latin1", start, start + 16)), at - start];
}
