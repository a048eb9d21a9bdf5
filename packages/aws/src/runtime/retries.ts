/**
 * The first pause before another try takes at most this part of the time that a call has, and at most so many ms. Each
 * further pause may be twice as long.
 */
const firstPause = 0.1;
const firstPauseMs = 200;

interface RetryToken {
  getRetryCount(): number;
  getRetryCost(): number | undefined;
  getRetryDelay(): number;
}

/**
 * Tries again after throttling and connection failures, within the time that a call has. The SDK's own pauses after
 * throttling are up to 0.5 s and 1 s, and a call here has less time. Pauses have random lengths, so that processes that
 * were refused together do not try again together.
 */
export class Retries {
  readonly #maxAttempts: number;
  readonly #limit: number;

  /** @param limit ms that the call has, tries and pauses together */
  constructor({ maxAttempts, limit }: { maxAttempts: number; limit: number }) {
    this.#maxAttempts = maxAttempts;
    this.#limit = limit;
  }

  async acquireInitialRetryToken(_scope: string): Promise<RetryToken> {
    return tokenOf(0, 0);
  }

  /** Throws where no other try is allowed. */
  async refreshRetryTokenForRetry(token: RetryToken, { errorType }: { errorType: string }): Promise<RetryToken> {
    const tried = token.getRetryCount() + 1;
    const mayPass = errorType === "THROTTLING" || errorType === "TRANSIENT";
    if (!mayPass || tried >= this.#maxAttempts) throw new Error("there is no other try");
    return tokenOf(tried, pauseBefore(tried, this.#limit));
  }

  recordSuccess(): void {}
}

/** ms to wait before retry number `tried` of a call that has `limit` ms. */
function pauseBefore(tried: number, limit: number): number {
  return Math.random() * Math.min(firstPause * limit, firstPauseMs) * 2 ** (tried - 1);
}

function tokenOf(count: number, delay: number): RetryToken {
  return { getRetryCount: () => count, getRetryCost: () => 0, getRetryDelay: () => delay };
}
