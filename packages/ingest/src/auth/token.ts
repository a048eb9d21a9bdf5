import { hash, randomBytes } from "node:crypto";
import type { Body } from "../decode/body.ts";
import type { Scope } from "../ports/key-store.ts";

const prefixes: Record<Scope, string> = { ingest: "gpi_", read: "gpr_", admin: "gpa_" };
/** Characters behind the prefix of a token, at least. */
const randomCharacters = 27;
/** Without a quantifier: what follows may be 20 MB long. */
const prefixPattern = /gp[ira]_/g;
const prefixLength = 4;

/** A bearer token of 160 random bits; the prefix tells a person what it is for. */
export function newToken(scope: Scope): string {
  return prefixes[scope] + randomBytes(20).toString("base64url");
}

/** The hash of a token, which is stored. A token has so many random bits that a slow hash would add nothing. */
export function hashToken(token: string): string {
  return hash("sha256", token);
}

/**
 * What is looked up at all: letters, digits, underscores and dashes behind the prefix of a key, which are as many as a
 * store takes. Fewer than a new token has are enough: the first keys were shorter.
 */
const knownForm = /^gp[ira]_[\w-]{20,124}$/;

/** Whether a text has the form of a key. What has not opens nothing, and nobody looks it up. */
export function hasTokenForm(text: string): boolean {
  return knownForm.test(text);
}

const ticketForm = /^gpt_[\w-]{16,124}$/;

/** The same for a ticket, which replaces a key in the URL of the live feed. */
export function hasTicketForm(text: string): boolean {
  return ticketForm.test(text);
}

export function looksLikeToken(text: string): boolean {
  const isPrefix = text.slice(0, prefixLength).search(prefixPattern) === 0;
  return isPrefix && endOfToken(text, 0) >= prefixLength + randomCharacters;
}

/** The text with every token masked, of equal length. */
export function masked(text: string): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { index } of text.matchAll(prefixPattern)) {
    if (index < done) continue;
    const end = endOfToken(text, index);
    if (end - index < prefixLength + randomCharacters) continue;
    pieces.push(text.slice(done, index), "*".repeat(end - index));
    done = end;
  }
  return pieces.length === 0 ? text : pieces.join("") + text.slice(done);
}

/** Where a token that begins at `from` ends. */
function endOfToken(text: string, from: number): number {
  let end = from + prefixLength;
  while (isOfWord(text.charCodeAt(end))) end += 1;
  return end;
}

/** A copy of some bytes with every token made unreadable, without the text that they may be. */
export function maskedBytes(sent: Buffer): Buffer {
  const bytes = Buffer.from(sent);
  let end = 0;
  for (let mark = bytes.indexOf(underscore); mark >= 0; mark = bytes.indexOf(underscore, Math.max(mark + 1, end))) {
    if (!isPrefixBefore(bytes, mark)) continue;
    end = endOfWord(bytes, mark + 1);
    if (end - mark > randomCharacters) bytes.fill("*", mark - 3, end);
  }
  return bytes;
}

const underscore = 0x5f;

/** Whether `gpi`, `gpr` or `gpa` stands before `at`. */
function isPrefixBefore(bytes: Buffer, at: number): boolean {
  const scope = bytes[at - 1];
  return bytes[at - 3] === 0x67 && bytes[at - 2] === 0x70 && (scope === 0x69 || scope === 0x72 || scope === 0x61);
}

/** Where the letters, digits, underscores and dashes end that begin at `from`. */
function endOfWord(bytes: Buffer, from: number): number {
  let end = from;
  while (isOfWord(bytes[end])) end += 1;
  return end;
}

function isOfWord(code = 0): boolean {
  const isDigit = code >= 0x30 && code <= 0x39;
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isDigit || isLetter || code === underscore || code === 0x2d;
}

/**
 * Whether a token is in a body. It looks for the underscore, which every token has and the base64 of pictures has not:
 * that takes a tenth of the time. Where there are many, it looks for the token itself.
 */
export function holdsToken(body: Body, token: string): boolean {
  return body.text === null ? areWithin(body.bytes, token) : isWithin(body.text, token);
}

const maxUnderscores = 10_000;

function isWithin(text: string, token: string): boolean {
  const underscore = token.indexOf("_");
  let at = text.indexOf("_");
  for (let seen = 0; at >= 0 && !text.startsWith(token, at - underscore); seen++) {
    if (seen === maxUnderscores) return text.includes(token, at);
    at = text.indexOf("_", at + 1);
  }
  return at >= 0;
}

function areWithin(bytes: Buffer, token: string): boolean {
  const mark = token.indexOf("_");
  const [first] = Buffer.from(token);
  const isAt = (start: number) =>
    bytes[start] === first && bytes.toString("latin1", start, start + token.length) === token;
  let at = bytes.indexOf(underscore);
  for (let seen = 0; at >= 0 && !isAt(at - mark); seen++) {
    if (seen === maxUnderscores) return bytes.includes(token, at, "latin1");
    at = bytes.indexOf(underscore, at + 1);
  }
  return at >= 0;
}
