import { omitAbsent } from "@gatepost/protocol";
import { inTime } from "../clock.ts";
import { readLimited, withoutQuery } from "../se5/box-api.ts";
import { BoxError } from "../se5/box-error.ts";
import { whyOf } from "../why.ts";
import { DigestLogin } from "./digest.ts";

/** The address of a terminal, and the user as whom the bridge logs in. */
export interface TerminalAddress {
  host: string;
  port: number;
  user: string;
  password: string;
}

interface Question {
  method?: "GET" | "POST" | "PUT";
  path: string;
  body?: string;
  /** The type of the body; JSON if it is left out. */
  contentType?: string;
  /** Most bytes of the answer. */
  maxBytes?: number;
}

const timeoutMs = 15_000;
const usualBytes = 16 * 1024 * 1024;
/** Times that one request is sent: without a login, with one, and again if the terminal's nonce was too old. */
const maxTries = 3;

/** The status of an answer to a wrong user or password. A terminal locks its users after a few of these. */
export const refusedLogin = 401;

/** An answer has more bytes than may be read. */
class TooLarge extends BoxError {}

/** Whether a request was answered in a way that another try will not change: by a status, or with too many bytes. */
export function isAnswered(error: unknown): boolean {
  if (!(error instanceof BoxError) || error.status === refusedLogin) return false;
  return error.status !== null || error.cause instanceof TooLarge;
}

/** Asks the HTTP API of a terminal, with digest authentication. Follows no redirect. Throws BoxError. */
export class TerminalHttp {
  readonly #base: string;
  readonly #login: DigestLogin;

  constructor({ host, port, ...login }: TerminalAddress) {
    this.#base = `http://${host}:${port}`;
    this.#login = new DigestLogin(login);
  }

  /** The bytes of an answer. */
  ask({ maxBytes = usualBytes, ...question }: Question, signal: AbortSignal): Promise<Buffer> {
    return named(question.path, () =>
      inTime(timeoutMs, signal, async (until) => {
        const response = await this.#send(question, until);
        return readLimited(response, maxBytes).catch((error: unknown) => {
          throw error instanceof BoxError ? new TooLarge("the terminal answers without end", { cause: error }) : error;
        });
      }),
    );
  }

  /** The pieces of an answer that has no end. The signal ends it. */
  async open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const until = AbortSignal.any([signal, timeout.signal]);
    try {
      const { body } = await named(path, () => this.#send({ path }, until));
      if (body === null) throw new BoxError(`${path}: the terminal answers without a body`);
      return body;
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(question: Question, signal: AbortSignal): Promise<Response> {
    for (let tries = 1; ; tries++) {
      const response = await this.#once(question, signal);
      if (response.ok) return response;
      await response.body?.cancel();
      const { status } = response;
      if (status !== refusedLogin) throw new BoxError(`the terminal answers ${status}`, { status });
      const challenge = this.#login.challenged(response.headers.get("www-authenticate"));
      if (challenge === "no challenge")
        throw new BoxError("the terminal asks for another login than digest", { status });
      if (tries === maxTries || (tries > 1 && challenge !== "stale"))
        throw new BoxError("the terminal refuses the user or the password", { status });
    }
  }

  #once(
    { method = "GET", path, body, contentType = "application/json" }: Question,
    signal: AbortSignal,
  ): Promise<Response> {
    const authorization = this.#login.authorization(method, path);
    const headers = omitAbsent({ authorization, "content-type": body === undefined ? null : contentType });
    return fetch(this.#base + path, { method, headers, body: body ?? null, redirect: "error", signal });
  }
}

/** Names the path in the error of a request, without its query. */
async function named<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isOurs = error instanceof BoxError || !(error instanceof Error);
    const cause = !isOurs && error.cause instanceof Error ? error.cause : error;
    const status = error instanceof BoxError ? error.status : null;
    throw new BoxError(`${withoutQuery(path)}: ${whyOf(cause)}`, { cause: error, status });
  }
}
