const statuses = {
  "bad-request": 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  "wrong-method": 405,
  timeout: 408,
  conflict: 409,
  "too-large": 413,
  "too-many": 429,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof statuses;

/** The one error that a sender or a reader gets to see. Its message says what to do and never holds a key or a path. */
export class GatepostError extends Error {
  readonly kind: ErrorKind;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(kind: ErrorKind, message: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options);
    this.name = "GatepostError";
    this.kind = kind;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return statuses[this.kind];
  }
}

/** What any failure is to the outside: itself, or else a store's failure or a bug, which is worth another try. */
export function visible(error: unknown): GatepostError {
  if (error instanceof GatepostError) return error;
  return new GatepostError("unavailable", "nothing could be stored, send it again", { cause: error, retryAfter: 5 });
}
