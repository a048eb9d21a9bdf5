const maxCharacters = 80;

/** A dot that apps would make a link of what is around it for: before a name of a domain, or in an address with a port. */
const linkingDot = /(?<=[\p{L}\p{N}])\.(?=\p{L}{2}|\d{1,3}(?:\.\d{1,3}){0,2}[:/])/gu;

/** It looks like a dot, and no app takes it for one. */
const dotLeader = "\u2024";

/**
 * A text that a box sent, fit to stand in a message: one line, without what is not seen or turns the direction of what
 * follows, without what apps make links of (a URL, or only `www.example.com`) or mail servers and ntfy decode (`=?…?=`),
 * and at most 80 characters.
 */
export function shown(text: string): string {
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

/** The first of what a box sent of which anything is seen; null where nobody would see any of them. */
export const firstShown = (...texts: (string | null)[]) =>
  texts.find((text) => text !== null && shown(text) !== "") ?? null;

/** What means something in one of the dialects of Markdown, or calls somebody, and what looks like it. */
const wide = new Map(
  [..."!#$&()*+<=>@[\\]^_`{|}~"].map((sign) => [sign, String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)]),
);

/**
 * The same for a message in Markdown. WeCom, DingTalk and Feishu each have a dialect of their own, and none says how to
 * escape: so every sign of them stands as its full-width twin, which means nothing anywhere. So does `@`.
 */
export function inMarkdown(text: string): string {
  return shown(text).replace(/[!#$&()*+<=>@[\\\]^_`{|}~]/g, (sign) => wide.get(sign) ?? "");
}
