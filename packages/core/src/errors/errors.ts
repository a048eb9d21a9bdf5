const statuses = {
  "bad-request": 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  "wrong-method": 405,
  timeout: 408,
  conflict: 409,
  gone: 410,
  outdated: 412,
  "too-large": 413,
  unconditional: 428,
  "too-many": 429,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof statuses;

/** The only kind of error that clients see. Its message says what to do and never contains a key or a path. */
export class GatepostError extends Error {
  readonly kind: ErrorKind;
  /** Seconds after which the client may try again. */
  readonly retryAfter: number | undefined;
  /** One word by which programs distinguish several reasons, as `revoked`. */
  readonly code: string | undefined;
  /** The ways of which a person takes one before the request is sent again. */
  readonly needs: readonly string[] | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: ErrorOptions & { retryAfter?: number; code?: string; needs?: readonly string[] } = {},
  ) {
    super(message, options);
    this.name = "GatepostError";
    this.kind = kind;
    this.retryAfter = options.retryAfter;
    this.code = options.code;
    this.needs = options.needs;
  }

  get status(): number {
    return statuses[this.kind];
  }
}

/**
 * The error that a client sees after any failure. A GatepostError is shown itself. Anything else is a failure of a
 * store or a bug: the client is told to try again.
 *
 * @param failed what the store did not do
 */
export function visible(error: unknown, failed = "nothing could be stored, send it again"): GatepostError {
  if (error instanceof GatepostError) return error;
  return new GatepostError("unavailable", failed, { cause: error, retryAfter: 5 });
}

/** Waits for all before it throws the first failure: no work may continue once the box has its answer. */
export async function all<T>(started: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}
