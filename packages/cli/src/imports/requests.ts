import { setTimeout as sleep } from "node:timers/promises";
import { jsonIn } from "@gatepost/protocol";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { isKeyLike, notReached } from "../remote.ts";

export interface Timeouts {
  /** ms that one request may take. */
  requestMs: number;
  /** How often a request is sent at most. */
  maxTries: number;
  /** ms until the second try; each pause is twice as long as the one before. */
  firstPauseMs: number;
  /** ms after which a failed request is not sent again. */
  untilMs: number;
}

/** Until it has answered once, the address may be wrong: a user waits to hear that. */
const toBegin: Timeouts = { requestMs: 10_000, maxTries: 4, firstPauseMs: 250, untilMs: 40_000 };

/** Then large bodies go, perhaps over a slow line, and a function on AWS has 29 s. */
const onceBegun: Timeouts = { requestMs: 60_000, maxTries: 8, firstPauseMs: 250, untilMs: 120_000 };

/** ms between two lines about requests that are sent again: many are sent at the same time. */
const saidEveryMs = 5000;

/** Bytes of an answer. The longest names the missing pictures of a hundred events. */
const maxAnswerBytes = 16 * 1024 * 1024;

export interface Answered {
  status: number;
  content: unknown;
}

export interface Asking {
  url: string;
  token: string;
  /** Takes a line for a person. */
  say(line: string): void;
  /** Called when the other side answers that it cannot take more just now. */
  overloaded?(): void;
  timeouts?: { toBegin: Timeouts; onceBegun: Timeouts };
}

/** Requests to another Gatepost. One that fails is sent again for a while: every request may be sent twice. */
export class Requests {
  readonly #options: Asking;
  readonly #timeouts: { toBegin: Timeouts; onceBegun: Timeouts };
  readonly #givenUp = new AbortController();
  #hasAnswered = false;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(options: Asking) {
    if (!isKeyLike(options.token)) throw new WrongUsage("--token must be a key, as gpa_…");
    this.#options = options;
    this.#timeouts = options.timeouts ?? { toBegin, onceBegun };
  }

  /** Throws Failure if it gives up, and then aborts all others that are under way: none keeps the process alive. */
  async ask(method: string, path: string, body?: object): Promise<Answered> {
    const begun = performance.now();
    const { maxTries, untilMs, requestMs, firstPauseMs } = this.#hasAnswered
      ? this.#timeouts.onceBegun
      : this.#timeouts.toBegin;
    for (let tried = 1; ; tried++) {
      const answered = await this.#tryOnce(requestMs, method, path, body);
      if ("status" in answered && answered.status !== 429 && answered.status < 500) {
        this.#hasAnswered = true;
        return answered;
      }
      if ("status" in answered) this.#options.overloaded?.();
      const pauseMs = firstPauseMs * 2 ** (tried - 1);
      const isOver = tried === maxTries || performance.now() - begun + pauseMs > untilMs;
      const failure = this.#failureOf(answered, requestMs);
      if (isOver || failure.isForGood) {
        this.#givenUp.abort(failure.why);
        throw failure.why;
      }
      this.#sayOnce(failure.why);
      await sleep(pauseMs, undefined, { signal: this.#givenUp.signal }).catch(() => {
        throw failure.why;
      });
    }
  }

  async #tryOnce(ms: number, method: string, path: string, body?: object): Promise<Answered | { failure: unknown }> {
    const { url, token } = this.#options;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    try {
      const response = await fetch(url + path, {
        method,
        headers,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(ms), this.#givenUp.signal]),
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await this.#textOf(response);
      return { status: response.status, content: text === "" ? null : jsonIn(text) };
    } catch (failure) {
      return { failure };
    }
  }

  /** Throws Failure on an answer longer than any of Gatepost's. */
  async #textOf({ body }: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) {
        const megabytes = maxAnswerBytes / 1024 / 1024;
        throw new Failure(`no Gatepost answers at ${this.#options.url}, but something that sends over ${megabytes} MB`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }

  #failureOf(answered: Answered | { failure: unknown }, ms: number): { why: Failure; isForGood: boolean } {
    const { url } = this.#options;
    const again = this.#hasAnswered ? "; run the command again, it continues from there" : "; is it running there?";
    const says = (what: string) => new Failure(`cannot reach ${url}: ${what}${again}`);
    if ("status" in answered) return { why: says(`it answers ${answered.status}`), isForGood: false };
    const { failure } = answered;
    if (failure instanceof Failure) return { why: failure, isForGood: true };
    if (failure instanceof DOMException && failure.name === "TimeoutError")
      return { why: says(`no answer within ${ms / 1000} s`), isForGood: false };
    const { why, isForGood } = notReached(url, failure);
    // An address that was a Gatepost before is one still, even if a proxy answers just now.
    if (isForGood && !this.#hasAnswered) return { why, isForGood };
    return { why: this.#hasAnswered ? says(sayWhy(causeOf(failure))) : why, isForGood: false };
  }

  #sayOnce(why: Failure): void {
    const now = performance.now();
    if (now - this.#saidAt < saidEveryMs) return;
    this.#saidAt = now;
    this.#options.say(`trying again: ${sayWhy(why)}`);
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}
