/** Why a request failed, for people: the server's answer, or fetch's message, with its cause if there is one. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return `${error.asked} was answered ${error.status}: ${error.message}`;
  if (!(error instanceof Error)) return `${error}`;
  // The message of Node's fetch is "fetch failed"; what failed is in its cause.
  return error.cause instanceof Error ? `${error.message}: ${causeOf(error.cause)}` : error.message;
}

/** If an address has several numbers, each of which failed, the message is empty and there is a code. */
function causeOf(cause: Error): string {
  return cause.message || String(Reflect.get(cause, "code") ?? cause.name);
}

/** The API refused a request; `message` says what to do. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** Method and path of the request. */
  readonly asked: string;
  /** A word for programs, as `revoked`; null if the answer has none. */
  readonly code: string | null;
  /** Whether the API itself answered, and not a proxy in between. */
  readonly isProblem: boolean;
  /** Seconds until the next try, if the answer names them. */
  readonly retryAfter: number | null;

  constructor(message: string, facts: Pick<Refusal, "status" | "asked" | "code" | "isProblem" | "retryAfter">) {
    super(message);
    this.status = facts.status;
    this.asked = facts.asked;
    this.code = facts.code;
    this.isProblem = facts.isProblem;
    this.retryAfter = facts.retryAfter;
  }
}

/** Reads an answer of 400 or above. */
export async function refusalOf(answer: Response, asked: string): Promise<Refusal> {
  const problem: unknown = await answer.json().catch(() => null);
  const detail = textOf(problem, "detail");
  return new Refusal(detail ?? answer.statusText, {
    status: answer.status,
    asked,
    isProblem: detail !== null,
    code: textOf(problem, "code"),
    retryAfter: retryAfterOf(answer.headers),
  });
}

/** The seconds of `Retry-After`, which may be a date: it counts from the answer's own `Date`, because clocks differ. */
function retryAfterOf(headers: Headers): number | null {
  const asked = headers.get("retry-after") ?? "";
  if (asked !== "" && Number.isFinite(Number(asked))) return Number(asked);
  const now = Date.parse(headers.get("date") ?? "");
  const seconds = Math.ceil((Date.parse(asked) - (Number.isNaN(now) ? Date.now() : now)) / 1000);
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

function textOf(problem: unknown, name: string): string | null {
  if (typeof problem !== "object" || problem === null) return null;
  const value: unknown = Reflect.get(problem, name);
  return typeof value === "string" ? value : null;
}
