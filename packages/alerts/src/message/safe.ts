const maxCharacters = 80;

/**
 * A dot that makes apps link the text around it: before a domain name, or in an address with a port. Names of domains
 * may have ideographic and full-width dots (UTS 46), and begin with an emoji.
 */
const linkingDot =
  /(?<=\S)(?:\.(?=[\p{L}\p{M}]{2}|\d{1,3}(?:\.\d{1,3}){0,2}[:/])|[\u3002\uff0e\uff61\ufe52\ufe12](?=\S))/gu;

/** It looks like a dot, and no app takes it for one. */
const dotLeader = "\u2024";

/**
 * Makes a box's text safe for a message: one line, at most 80 characters, without invisible characters or ones that
 * turn the direction of text, without links (a URL, or only `www.example.com`), and without text that mail servers and
 * ntfy decode (`=?…?=`).
 */
export function printable(text: string): string {
  const line = text
    .slice(0, 8 * maxCharacters)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, "")
    .replaceAll("://", "：//")
    .replaceAll("=?", "=？")
    .replace(linkingDot, dotLeader)
    .trim();
  const characters = [...line];
  return characters.length <= maxCharacters ? line : `${characters.slice(0, maxCharacters - 1).join("")}…`;
}

/** The first of a box's texts with a visible character; null if all are invisible. */
export const firstShown = (...texts: (string | null)[]) =>
  texts.find((text) => text !== null && printable(text) !== "") ?? null;

/** Characters with a meaning in a dialect of Markdown, characters that mention people, and their lookalikes. */
const wide = new Map(
  [..."!#$&()*+<=>@[\\]^_`{|}~"].map((sign) => [sign, String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)]),
);

/**
 * The same for a message in Markdown. WeCom, DingTalk and Feishu each have their own dialect, and none documents an
 * escape: so each special character becomes its full-width twin, which has no meaning in any of them. So does `@`.
 */
export function inMarkdown(text: string): string {
  return printable(text).replace(/[!#$&()*+<=>@[\\\]^_`{|}~]/g, (sign) => wide.get(sign) ?? "");
}
