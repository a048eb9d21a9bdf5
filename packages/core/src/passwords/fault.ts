import mostUsed from "./most-used.json" with { type: "json" };

const fewest = 10;
const maxCharacters = 256;

/** Names of this product and of boxes, which a guesser tries first. */
const ownWords: ReadonlySet<string> = new Set(["gatepost", "sophongate", "sophonsight", "sophon"]);

/**
 * The most used passwords of 10 characters and more, and the 3,000 most used words of 5 to 9 letters in passwords, split
 * once they are needed. They are from @zxcvbn-ts/language-common 4.1.3 (MIT) and from common-passwords.txt of Django 5.2
 * (BSD-3-Clause); most-used.LICENSE.txt has both licences.
 */
let lists: { passwords: ReadonlySet<string>; words: ReadonlySet<string> } | null = null;

/**
 * Why a password may not be used, in a sentence; null if it may. It has 10 to 256 characters, is none of the most used,
 * nor one of the most used words with digits and signs around it, nor the address or name of the person.
 */
export function passwordFault(
  password: string,
  { email, name }: { email: string | null; name: string | null },
): string | null {
  const text = password.normalize("NFC");
  const characters = [...text].length;
  if (characters < fewest) return `must have ${fewest} characters or more`;
  if (characters > maxCharacters) return `may have ${maxCharacters} characters`;
  lists ??= { passwords: new Set(mostUsed.passwords.split(" ")), words: new Set(mostUsed.words.split(" ")) };
  const plain = text.toLowerCase();
  const core = /\p{L}(?:.*\p{L})?/su.exec(plain)?.[0] ?? "";
  const half = core.slice(0, core.length / 2);
  const isWord = ownWords.has(core) || lists.words.has(core) || (core === half + half && lists.words.has(half));
  if (lists.passwords.has(plain) || isWord || isRepeated(plain)) return "is among the most used; choose another";
  const ownNames = [email, email?.split("@")[0], name].map((one) => (one ?? "").toLowerCase().replaceAll(/\s/g, ""));
  if (ownNames.some((one) => one.length > 3 && core.replaceAll(/\s/g, "") === one) || ownNames.includes(plain)) {
    return "must not be your name or e-mail address";
  }
  return null;
}

/** Whether a text has one or two different characters only. */
function isRepeated(text: string): boolean {
  return new Set(text).size <= 2;
}
