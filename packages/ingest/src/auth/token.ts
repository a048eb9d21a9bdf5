import { hash, randomBytes } from "node:crypto";
import type { Scope } from "../ports/key-store.ts";
import { fewestRandom } from "./key-run.ts";

const prefixes: Record<Scope, string> = { ingest: "gpi_", read: "gpr_", admin: "gpa_" };
/** Characters of 20 random bytes in base64url. */
const newRandom = 27;
/** The beginning of a token. What follows is not looked at to its end: it may be 20 MB long. */
const tokenStart = new RegExp(`^gp[ira]_[\\w-]{${newRandom}}`);

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
 * store takes. Fewer than a new token has are enough: whoever fills a store by hand may have made them.
 */
const knownForm = new RegExp(`^gp[ira]_[\\w-]{${fewestRandom},124}$`);

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
  return tokenStart.test(text);
}
