import { Refusal } from "@gatepost/client";
import { words } from "../words/index.ts";
import { inLanguage } from "./refused.ts";

/** Why something is not shown. `status` is 0 where no answer came at all. */
export interface Failure {
  status: number;
  /** What the server says of it, in English; empty where a proxy in between answered. */
  detail: string;
  /** Method and path. */
  asked: string;
  retryAfter: number | null;
}

/** Makes a failure of what was thrown; null where the request was only taken back. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refusal) {
    const detail = error.isProblem ? error.message : "";
    return { status: error.status, detail, asked: error.asked, retryAfter: error.retryAfter };
  }
  if (error instanceof DOMException && error.name === "AbortError") return null;
  return { status: 0, detail: error instanceof Error ? error.message : String(error), asked: "", retryAfter: null };
}

/**
 * What is said of it in one sentence. Where no answer came, the browser's own is none for people; what the server says is
 * said in the language of the page, and where that is not known by the status, with the server's words behind it.
 */
export function sayingOf({ status, detail }: Failure): string {
  const { failure: w } = words.value;
  if (status === 0) return w.offline;
  const said = inLanguage(detail);
  if (said !== null) return said;
  const why = w.byStatus[status] ?? (status >= 500 ? w.unavailable : w.notTaken);
  return detail === "" ? why : w.with(why, detail);
}

/** Whether asking again may help. */
export const isPassing = ({ status }: Failure) => status === 0 || status === 429 || status >= 500;
