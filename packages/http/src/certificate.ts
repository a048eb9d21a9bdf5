import { statSync } from "node:fs";
import type { Log } from "@gatepost/core/log";
import { dayMs } from "@gatepost/protocol";
import { CertificateError, type CertificatePaths, type Identity, readIdentity } from "./certificate-files.ts";

/** ms between two looks at the files. */
const lookEveryMs = 5000;

/** ms before its end from which a certificate is warned of. Programs that renew certificates do it a month before. */
const soonMs = 14 * dayMs;

interface Deps {
  log: Log;
  clock?: () => number;
  lookEveryMs?: number;
}

/**
 * The certificate of a server, as its files have it now. The files are checked every 5 s, so no restart and no signal
 * is needed. If the changed files cannot be used, that is logged and the server keeps the old certificate.
 */
export class Certificate {
  readonly #paths: CertificatePaths;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #listeners = new Set<(identity: Identity) => void>();
  readonly #timer: NodeJS.Timeout;
  #identity: Identity;
  #stamp: string;
  /** The stamp of files that could not be used when they were looked at last: they may have been half written. */
  #doubtful: string | null = null;
  #warnedAt = Number.NEGATIVE_INFINITY;

  /** Throws CertificateError if the files cannot be used. */
  constructor(paths: CertificatePaths, { log, clock = Date.now, lookEveryMs: every = lookEveryMs }: Deps) {
    this.#paths = paths;
    this.#log = log;
    this.#clock = clock;
    this.#stamp = stampOf(paths);
    this.#identity = readIdentity(paths);
    log.info("certificate", factsOf(this.#identity));
    this.#warn();
    this.#timer = setInterval(() => this.look(), every);
    this.#timer.unref();
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** The need to renew it, in words, if it has ended or ends within 14 days; else none. */
  concerns(): string[] {
    const { endsAt } = this.#identity;
    const now = this.#clock();
    if (endsAt - now > soonMs) return [];
    const end = new Date(endsAt).toISOString();
    return [endsAt > now ? `the certificate ends at ${end}: renew it` : `the certificate ended at ${end}: renew it`];
  }

  /** Calls back with each new certificate. The returned function ends that. */
  onChange(listener: (identity: Identity) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the files again if they have changed. */
  look(): void {
    this.#warn();
    const stamp = stampOf(this.#paths);
    if (stamp === this.#stamp) return;
    try {
      const identity = readIdentity(this.#paths);
      // Listeners come first: if a server cannot take the certificate, the files count as not read.
      for (const listener of this.#listeners) listener(identity);
      this.#identity = identity;
      this.#stamp = stamp;
      this.#doubtful = null;
      this.#warnedAt = Number.NEGATIVE_INFINITY;
      this.#log.info("certificate read again", factsOf(identity));
      this.#warn();
    } catch (error) {
      this.#failed(error, stamp);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Logs a failure when the same files fail a second time: two files are never written in one moment. */
  #failed(error: unknown, stamp: string): void {
    if (this.#doubtful !== stamp) {
      this.#doubtful = stamp;
      return;
    }
    this.#stamp = stamp;
    this.#doubtful = null;
    const why = error instanceof CertificateError ? { reason: error.message } : { cause: error };
    this.#log.error("could not use the new certificate, keeping the previous one", why);
  }

  /** Warns at most once a day of a certificate that ends soon. */
  #warn(): void {
    const now = this.#clock();
    const { endsAt } = this.#identity;
    if (endsAt - now > soonMs || Math.abs(now - this.#warnedAt) < dayMs) return;
    this.#warnedAt = now;
    const message = endsAt > now ? "the certificate ends soon" : "the certificate has ended";
    this.#log.warn(`${message}: renew it; the files are read again automatically`, factsOf(this.#identity));
  }
}

function factsOf({ names, endsAt, fingerprint }: Identity) {
  return { names, ends: new Date(endsAt).toISOString(), fingerprint };
}

/** Changes whenever one of the files is written or replaced. */
function stampOf({ cert, key }: CertificatePaths): string {
  return [cert, key].map(stampOfFile).join(" ");
}

function stampOfFile(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join("-");
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown";
  }
}
