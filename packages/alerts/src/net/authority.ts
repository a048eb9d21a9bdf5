import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import * as z from "zod";

/** Characters of the certificates of a target. A chain of three has some 6,000. */
const maxLength = 64 * 1024;

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The authority of a target whose certificate no public one has made: certificates as PEM. Texts around them are
 * comments.
 */
export const authority = z
  .string()
  .max(maxLength)
  .refine((text) => isAuthority(text.match(certificate) ?? []), "must be a certificate of an authority, as PEM");

/** A text that is in the place of certificates names their file. */
export const isPem = (text: string) => text.includes("-----BEGIN ");

function isAuthority(certificates: readonly string[]): boolean {
  try {
    for (const one of certificates) new X509Certificate(one);
    return certificates.length > 0;
  } catch {
    return false;
  }
}

/** The option of a connection to a target: its own authority is believed beside the public ones. */
export function trusting(ca: string | null | undefined): { ca?: string[] } {
  return ca ? { ca: [...rootCertificates, ca] } : {};
}

/** The codes of OpenSSL for a certificate that no known authority has made. */
const unknownAuthority = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** Why a certificate is not believed, and what to do; null for another fault. */
export function unbelieved(error: Error): string | null {
  if (!("code" in error) || !unknownAuthority.has(String(error.code))) return null;
  // Node adds what whoever starts it could do.
  return `${error.message.split(";")[0]}: give the certificate of its authority as ca`;
}
