import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";

/**
 * ms within which a call must end, retries included; else the report is answered with 503. One report waits for its
 * key, a HEAD and its pictures (all at once), and its event: together 3 s. The key has more time, because it is the
 * first call of a new process, which has no connection yet.
 */
export const limits = { key: 900, head: 300, object: 1000, index: 700, bus: 900, read: 2000 };

export type Limits = typeof limits;

/**
 * The limits of the sweeps, for which no box waits. An entry that the bus takes too late is put there again, by each
 * sweep, for as long as the bus is slow. A row that is leased too late stays leased, and waits for the next sweep.
 */
export const sweepLimits: Limits = { ...limits, index: limits.read, bus: 9000 };

/**
 * The limits of the jobs. A slice makes thousands of calls, and its job ends if it fails three times, so a call waits for
 * a slow table. A part of an upload has 8 MB.
 */
export const jobLimits: Limits = {
  ...sweepLimits,
  key: 10_000,
  head: 10_000,
  index: 10_000,
  read: 10_000,
  object: 30_000,
};

/** How many connections to one service are open at once: as many as parts of a batch are handled at once. */
const connections = 100;

export interface Clients {
  dynamo: DynamoDBClient;
  s3: S3Client;
  events: EventBridgeClient;
}

/**
 * Makes the SDK's clients. Call it once in a process: they keep their connections. The client of the bus is made on first
 * use. Region and endpoints come from the environment.
 */
export function connect({ index, object, bus }: Limits = limits): Clients {
  let events: EventBridgeClient | undefined;
  return {
    dynamo: unlogged(new DynamoDBClient({ ...retrying(3, index), requestHandler: within(index) })),
    s3: unlogged(new S3Client({ ...retrying(2, object), requestHandler: within(object) })),
    get events() {
      events ??= unlogged(new EventBridgeClient({ ...retrying(2, bus), requestHandler: within(bus) }));
      return events;
    },
  };
}

interface Logging {
  middlewareStack: { remove(name: string): boolean };
}

/** The SDK copies requests and answers for its logger at each call, even if it has none. */
export function unlogged<Client extends Logging>(client: Client): Client {
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}

function retrying(maxAttempts: number, limit: number) {
  return { maxAttempts, retryStrategy: new Retries({ maxAttempts, limit }) };
}

/** The time-out of one try leaves time for another. */
export function within(limit: number) {
  const requestTimeout = limit * 0.6;
  const agent = { keepAlive: true, maxSockets: connections };
  return {
    connectionTimeout: requestTimeout,
    requestTimeout,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  };
}

/**
 * The first pause before another try takes at most this part of the time that a call has, and at most so many ms. Each
 * further pause may be twice as long.
 */
const firstPause = 0.1;
const firstPauseMs = 200;

/**
 * Retries that a client may make at once, and how many further ones a success allows. So a service that answers slowly,
 * or refuses much, gets at most half as many calls again, and not three times as many.
 */
const [maxBudget, perSuccess] = [50, 0.5];

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
  #budget = maxBudget;

  /** @param limit ms that the call has, tries and pauses together */
  constructor({ maxAttempts, limit }: { maxAttempts: number; limit: number }) {
    this.#maxAttempts = maxAttempts;
    this.#limit = limit;
  }

  async acquireInitialRetryToken(_scope: string): Promise<RetryToken> {
    return tokenOf(0, 0);
  }

  /** Throws if no other try is allowed. */
  async refreshRetryTokenForRetry(token: RetryToken, { errorType }: { errorType: string }): Promise<RetryToken> {
    const tried = token.getRetryCount() + 1;
    const mayPass = errorType === "THROTTLING" || errorType === "TRANSIENT";
    if (!mayPass || tried >= this.#maxAttempts || this.#budget < 1) throw new Error("there is no other try");
    this.#budget -= 1;
    return tokenOf(tried, pauseBefore(tried, this.#limit));
  }

  recordSuccess(): void {
    this.#budget = Math.min(maxBudget, this.#budget + perSuccess);
  }
}

/** ms to wait before retry number `tried` of a call that has `limit` ms. */
function pauseBefore(tried: number, limit: number): number {
  return Math.random() * Math.min(firstPause * limit, firstPauseMs) * 2 ** (tried - 1);
}

function tokenOf(count: number, delay: number): RetryToken {
  return { getRetryCount: () => count, getRetryCost: () => 0, getRetryDelay: () => delay };
}
