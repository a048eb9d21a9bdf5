import { isObject, type Json, jsonIn } from "@gatepost/protocol";
import type { Answered } from "./post.ts";

/** The cloud's decision about a report. */
export type Verdict =
  | { kind: "accepted" }
  /** The cloud may accept it later: try again after `wait` ms or more. */
  | { kind: "later"; why: string; wait: number }
  | { kind: "too-large"; why: string }
  /** The cloud will never accept it. */
  | { kind: "refused"; why: string };

/** The 4xx statuses that are not about the report itself. */
const passing = new Set([401, 408, 429]);
/** Most ms to wait, even if the cloud asks for more. */
const maxWaitMs = 300_000;
const answerShown = 200;

/**
 * A server that answers 200 without Gatepost's acknowledgement, such as the sign-in page of a hotel, has not stored
 * anything.
 */
export function verdictOf({ status, text, hasOutcome, retryAfterMs }: Answered): Verdict {
  const answer = jsonIn(text) ?? null;
  const why = explain(status, text, answer);
  if (status === 200) {
    const isAcknowledged = hasOutcome || (isObject(answer) && answer["status"] === 0);
    return isAcknowledged ? { kind: "accepted" } : { kind: "later", why, wait: 0 };
  }
  if (status === 413) return { kind: "too-large", why };
  if (status >= 400 && status < 500 && !passing.has(status)) return { kind: "refused", why };
  return { kind: "later", why, wait: Math.min(retryAfterMs, maxWaitMs) };
}

/** The message in Gatepost's JSON answer. */
function explain(status: number, text: string, answer: Json): string {
  const message = isObject(answer) && typeof answer["message"] === "string" ? answer["message"] : null;
  if (status === 401 && message !== null) return "401 the cloud does not know this key: was it revoked?";
  if (status === 413) return "413 too large for the cloud: have the box send fewer or smaller pictures";
  return `${status} ${(message ?? text).slice(0, answerShown).replaceAll(/\s+/g, " ")}`.trim();
}
