import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** The paths of a server's certificate and key: PEM, the server's own certificate first. */
export interface CertificatePaths {
  cert: string;
  key: string;
}

/** The certificate and key of a server, and their properties for logs and users. */
export interface Identity {
  /** PEM. */
  cert: string;
  key: string;
  /** The names and addresses that it is valid for, as `DNS:gate.example.com, IP Address:10.0.0.5`. */
  names: string;
  /** ms since 1970. */
  endsAt: number;
  /** SHA-256 of the certificate, in pairs with colons between. */
  fingerprint: string;
}

/** A certificate or key file cannot be used. The message is one line that says what to do. */
export class CertificateError extends Error {}

/** Bytes that a file may have; a chain of certificates has some kilobytes. */
const maxBytes = 1024 * 1024;

/** Mode bits that a key file must not have: the group may not write, and others may do nothing. */
const forbidden = 0o027;

/**
 * Reads a certificate and its key, and checks that they belong together and that others of the machine cannot read the
 * key. Throws CertificateError.
 */
export function readIdentity(paths: CertificatePaths): Identity {
  const cert = read(paths.cert, "the certificate");
  const key = read(paths.key, "the key of the certificate", forbidden);
  const [first, ...others] = certificatesIn(cert, paths.cert);
  const privateKey = keyIn(key, paths.key);
  if (!first.checkPrivateKey(privateKey)) throw mismatch(paths, others, privateKey);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CertificateError(`${paths.cert} cannot be used for TLS: ${reasonOf(error)}; make a newer one`, {
      cause: error,
    });
  }
  const { subjectAltName = first.subject, validToDate, fingerprint256 } = first;
  return { cert, key, names: subjectAltName, endsAt: validToDate.getTime(), fingerprint: fingerprint256 };
}

const hints: Record<string, string> = {
  ENOENT: "is not there; give the path of a PEM file",
  ENOTDIR: "is not there; give the path of a PEM file",
  EACCES: "cannot be read by the user that runs Gatepost; let its group read it (chgrp, chmod 640)",
  ELOOP: "is a link that leads to itself",
};

function read(path: string, what: string, modes = 0): string {
  try {
    return readBounded(path, what, modes);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const hint = hints[String(error.code)] ?? `cannot be read: ${String(error.code)}`;
    throw new CertificateError(`${what} ${path} ${hint}`, { cause: error });
  }
}

function readBounded(path: string, what: string, modes: number): string {
  // Without O_NONBLOCK, opening a pipe without a writer would wait for ever.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new CertificateError(`${what} ${path} is no file; give the path of a PEM file`);
    if (process.platform !== "win32" && (stats.mode & modes) !== 0) {
      throw new CertificateError(
        `others may read or change ${what} ${path}; take that from them with chmod 600 or 640`,
      );
    }
    const buffer = Buffer.alloc(maxBytes + 1);
    const bytes = readSync(file, buffer);
    if (bytes > maxBytes) throw new CertificateError(`${what} ${path} has over 1 MB; give the path of a PEM file`);
    return buffer.toString("latin1", 0, bytes);
  } finally {
    closeSync(file);
  }
}

const block = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

function certificatesIn(pem: string, path: string): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...others] = (pem.match(block) ?? []).map((one) => new X509Certificate(one));
    if (first !== undefined) return [first, ...others];
  } catch (error) {
    throw new CertificateError(`${path} has a certificate that cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  const found = pem.includes("PRIVATE KEY") ? "a key" : "no certificate in PEM";
  throw new CertificateError(`${path} has ${found}; give the certificate with --tls-cert and its key with --tls-key`);
}

function keyIn(pem: string, path: string): KeyObject {
  if (pem.includes("ENCRYPTED"))
    throw new CertificateError(
      `${path} is locked by a passphrase, which the server cannot ask for; unlock it with openssl pkey`,
    );
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new CertificateError(`${path} has no private key in PEM; give the key of the certificate with --tls-key`, {
      cause: error,
    });
  }
}

function mismatch(
  { cert, key }: CertificatePaths,
  others: readonly X509Certificate[],
  own: KeyObject,
): CertificateError {
  if (others.some((one) => one.checkPrivateKey(own)))
    return new CertificateError(`${cert} begins with another certificate than the server's own; put that one first`);
  return new CertificateError(
    `${key} is not the key of the certificate in ${cert}; give two files that belong together`,
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "reason" in error ? String(error.reason) : error.message;
}
