import { createHash, randomBytes } from "node:crypto";
import type { Scope } from "./ports.ts";

const prefixes: Record<Scope, string> = { ingest: "gpi_", read: "gpr_", admin: "gpa_" };
const tokenPattern = /gp[ira]_[\w-]{27,}/g;

/** A bearer token of 160 random bits; the prefix tells a person what it is for. */
export function newToken(scope: Scope): string {
  return prefixes[scope] + randomBytes(20).toString("base64url");
}

/** What is stored of a token. It has too many random bits for a slow hash to add anything. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

export function looksLikeToken(text: string): boolean {
  return text.search(tokenPattern) === 0;
}

/** The text with every token made unreadable, of equal length. */
export function masked(text: string): string {
  return text.replaceAll(tokenPattern, (token) => "*".repeat(token.length));
}
