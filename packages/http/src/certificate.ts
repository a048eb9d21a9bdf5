import { statSync } from "node:fs";
import type { Log } from "@gatepost/ingest";
import { dayMs } from "@gatepost/protocol";
import { CertificateError, type CertificatePaths, type Identity, readIdentity } from "./certificate-files.ts";

/** ms between two looks at the files. */
const lookEveryMs = 5000;

/** A certificate that ends so soon should have been renewed: those who do it by themselves do it a month before. */
const soonMs = 14 * dayMs;

interface Deps {
  log: Log;
  clock?: () => number;
  lookEveryMs?: number;
}

/**
 * The certificate of a server, as it is in its files now. They are looked at every 5 s, through links: who renews them
 * need not tell. What cannot be used when they have changed is logged, and the server goes on with the one before.
 */
export class Certificate {
  readonly #paths: CertificatePaths;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #listeners = new Set<(identity: Identity) => void>();
  readonly #timer: NodeJS.Timeout;
  #identity: Identity;
  #stamp: string;
  /** A change that could not be used at the look before: it may have been half written. */
  #doubtful: string | null = null;
  #warnedAt = Number.NEGATIVE_INFINITY;

  /** Throws CertificateError where the files cannot be used. */
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

  /** Calls back with each new one. The function it gives ends that. */
  onChange(listener: (identity: Identity) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the files again where they have changed. */
  look(): void {
    this.#warn();
    const stamp = stampOf(this.#paths);
    if (stamp === this.#stamp) return;
    try {
      const identity = readIdentity(this.#paths);
      // Told first: where a server cannot take it, the files count as not read.
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

  /** Said at the second look that finds the same: two files are never written in one moment. */
  #failed(error: unknown, stamp: string): void {
    if (this.#doubtful !== stamp) {
      this.#doubtful = stamp;
      return;
    }
    this.#stamp = stamp;
    this.#doubtful = null;
    const why = error instanceof CertificateError ? { reason: error.message } : { cause: error };
    this.#log.error("the new certificate cannot be used, going on with the one before", why);
  }

  /** Once a day. */
  #warn(): void {
    const now = this.#clock();
    const { endsAt } = this.#identity;
    if (endsAt - now > soonMs || now - this.#warnedAt < dayMs) return;
    this.#warnedAt = now;
    const message = endsAt > now ? "the certificate ends soon" : "the certificate has ended";
    this.#log.warn(`${message}: renew it; the files are read again by themselves`, factsOf(this.#identity));
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
