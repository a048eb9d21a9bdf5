import { isUtf8 } from "node:buffer";
import { receiptHeader } from "@gatepost/receive";
import { inTime } from "../clock.ts";
import type { SpooledRequest } from "../spool/request.ts";
import { look, post } from "./post.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** The beginning of Gatepost's answer to a GET of a URL with a live key. */
const gatepostsHint = /^This key works\b/;
/** ms for one report to be sent and acknowledged. */
const timeoutMs = 60_000;

/** The Gatepost to deliver reports to. */
export class Cloud {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, "");
  }

  /** Delivers a report under a box's key. Never throws. */
  async deliver(report: SpooledRequest, { token, signal }: { token: string; signal: AbortSignal }): Promise<Verdict> {
    try {
      return await inTime(timeoutMs, signal, (until) => this.#deliver(report, token, until));
    } catch (error) {
      return { kind: "later", why: sayWhy(error), wait: 0 };
    }
  }

  async #deliver(report: SpooledRequest, token: string, signal: AbortSignal): Promise<Verdict> {
    const { path, contentType, contentEncoding, body, receipt } = report;
    const encoding = contentEncoding === null ? {} : { "content-encoding": contentEncoding };
    const received = receipt === undefined ? {} : { [receiptHeader]: String(receipt) };
    const type = mayBeText(report) ? contentType : asBytes(contentType);
    const headers = { "content-type": type, ...encoding, ...received };
    const answered = await post(new URL(`${this.#url}/${token}${path}`), { headers, body, signal });
    // The answer may repeat the URL, which contains the key.
    const verdict = verdictOf({ ...answered, text: answered.text.replaceAll(token, "gpi_…") });
    return verdict.kind === "refused" ? await this.#confirmed(verdict, token, signal) : verdict;
  }

  /**
   * Asks the same URL by GET. The report is really refused only if Gatepost answers there; otherwise the address is
   * wrong, and every report would be refused.
   */
  async #confirmed(verdict: Verdict & { kind: "refused" }, token: string, signal: AbortSignal): Promise<Verdict> {
    const { status, text } = await look(new URL(`${this.#url}/${token}`), signal);
    if (status === 200 && gatepostsHint.test(text)) return verdict;
    return {
      kind: "later",
      why: `${verdict.why}; no Gatepost answers to this key there, is cloud.url right?`,
      wait: 0,
    };
  }
}

/** Whether a body stays the same if it is decoded as UTF-8 text and encoded again. */
function mayBeText({ contentType, body }: SpooledRequest): boolean {
  return isUtf8(body) && !/charset\s*=\s*["']?(?!utf-?8\b)\w/i.test(contentType);
}

/**
 * A content type with which bytes that are not UTF-8 arrive unchanged. API Gateway decodes bodies of type text or JSON
 * as UTF-8 and damages other bytes; Gatepost uses only the charset of the type.
 */
function asBytes(contentType: string): string {
  return contentType.replace(/^\s*(?:text\/|application\/(?:json|javascript|xml))[^;]*/i, "application/octet-stream");
}

function sayWhy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EPROTO") return "no TLS is spoken there; is cloud.url to begin with http:?";
  return error.message || error.name;
}
