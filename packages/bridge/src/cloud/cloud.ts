import type { Report } from "../spool/report.ts";
import { post } from "./post.ts";

/** What the cloud said to a report. */
export type Verdict =
  | { kind: "accepted" }
  /** Worth another try, after `wait` ms at least. */
  | { kind: "later"; why: string; wait: number }
  | { kind: "too-large"; why: string }
  /** It will never be taken. */
  | { kind: "refused"; why: string };

/** Statuses of the 4xx that speak of now, not of the report. */
const passing = new Set([401, 408, 429]);
const longestWait = 300;
const answerShown = 200;
/** ms for one report to be sent and acknowledged. */
const patience = 60_000;

/** The Gatepost that the reports are for. */
export class Cloud {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, "");
  }

  /** Delivers a report under a box's key. Never throws. */
  async deliver(report: Report, { token, signal }: { token: string; signal: AbortSignal }): Promise<Verdict> {
    const { path, contentType, contentEncoding, body } = report;
    const encoding = contentEncoding === null ? {} : { "content-encoding": contentEncoding };
    try {
      const { status, text, retryAfter } = await post(new URL(`${this.#url}/${token}${path}`), {
        headers: { "content-type": contentType, ...encoding },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      });
      return verdictOf(status, text, retryAfter);
    } catch (error) {
      return { kind: "later", why: sayWhy(error), wait: 0 };
    }
  }
}

/** Whoever answers 200 without Gatepost's acknowledgement, as a hotel's sign-in page does, has not stored anything. */
function verdictOf(status: number, text: string, retryAfter: string | undefined): Verdict {
  const why = `${status} ${text.slice(0, answerShown).replaceAll(/\s+/g, " ")}`.trim();
  if (status === 200) return isAcknowledged(text) ? { kind: "accepted" } : { kind: "later", why, wait: 0 };
  if (status === 413) return { kind: "too-large", why };
  if (status >= 400 && status < 500 && !passing.has(status)) return { kind: "refused", why };
  return { kind: "later", why, wait: Math.min(Number(retryAfter) || 0, longestWait) * 1000 };
}

function isAcknowledged(text: string): boolean {
  try {
    return JSON.parse(text)?.status === 0;
  } catch {
    return false;
  }
}

function sayWhy(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
