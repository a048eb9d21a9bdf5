import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request as overHttps } from "node:https";
import { Readable } from "node:stream";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import * as z from "zod";

/** Characters of the certificates of a server. A chain of three has some 6,000. */
const maxLength = 64 * 1024;

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The authority of a server whose certificate no public one has made: certificates as PEM. Texts around them are
 * comments.
 */
export const authority = z
  .string()
  .max(maxLength)
  .refine((text) => isAuthority(text.match(certificate) ?? []), "must be a certificate of an authority, as PEM");

/** A text without PEM names a file of certificates. */
export const isPem = (text: string) => text.includes("-----BEGIN ");

function isAuthority(certificates: readonly string[]): boolean {
  try {
    for (const one of certificates) new X509Certificate(one);
    return certificates.length > 0;
  } catch {
    return false;
  }
}

/** Making a context takes 8 ms of CPU, as long as several deliveries. Rules name few authorities. */
const contexts = new Map<string, SecureContext>();
const maxContexts = 100;

/**
 * The option of a connection to a server: it trusts the server's own authority and the public ones. A file is read anew
 * for each connection. Throws if it cannot be read, or there is no certificate in it.
 */
export function trusting(ca: string | null | undefined): { secureContext?: SecureContext } {
  if (!ca) return {};
  const pem = isPem(ca) ? ca : textOf(ca);
  const known = contexts.get(pem);
  if (known !== undefined) return { secureContext: known };
  if (!authority.safeParse(pem).success) throw new Error("ca must be a certificate of an authority, as PEM");
  if (contexts.size >= maxContexts) contexts.clear();
  const secureContext = createSecureContext({ ca: [...rootCertificates, pem] });
  contexts.set(pem, secureContext);
  return { secureContext };
}

/** The text of a file of certificates. Throws if it cannot be read. */
export function authorityIn(file: string): string {
  const stats = statSync(file);
  if (stats.isFile() && stats.size <= maxLength) return readFileSync(file, "utf8");
  throw new Error("it must be a file of 64 KB at most");
}

function textOf(file: string): string {
  try {
    return authorityIn(file);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (!("code" in cause)) throw new Error("ca must be a file of 64 KB at most", { cause });
    throw new Error(`ca cannot be read (${cause.code}): put the file at ${file}`, { cause });
  }
}

/** Answers without a body. */
const empty: readonly number[] = [204, 205, 304];

/** `fetch` over https that trusts an authority of its own, too. It follows no redirect, and decodes nothing. */
export async function fetchTrusting(ca: string, url: string, asked: RequestInit): Promise<Response> {
  const { method, headers, body, signal } = new Request(url, asked);
  const options = { method, headers: Object.fromEntries(headers), signal, agent: false, ...trusting(ca) };
  const request = overHttps(url, options);
  const answered: Promise<[IncomingMessage]> = once(request, "response") as never;
  request.end(body === null ? "" : Buffer.from(await new Response(body).arrayBuffer()));
  const [answer] = await answered;
  const { statusCode: status = 0, rawHeaders } = answer;
  const given = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) given.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  // The types of browsers and of Node differ in streams.
  const content = Readable.toWeb(answer) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(empty.includes(status) ? null : content, { status, headers: given });
}

/** The words of OpenSSL for a certificate that no known authority has made. Libraries replace its codes by their own. */
const unknownAuthority: readonly string[] = [
  "self-signed certificate",
  "self-signed certificate in certificate chain",
  "unable to verify the first certificate",
  "unable to get local issuer certificate",
  "unable to get issuer certificate",
];

/** Why a certificate is not trusted, also with the authority `ca`, and the remedy; null for another fault. */
export function untrusted({ message }: Error, ca?: string | null): string | null {
  // Node adds a hint for whoever starts it.
  const [said = ""] = message.split(";");
  if (!unknownAuthority.includes(said)) return null;
  if (!ca) return `${said}: give the certificate of its authority as ca`;
  return `${said}: ca is of another authority, so give the certificate of the server's own`;
}
