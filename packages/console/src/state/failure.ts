import { Refusal } from "@gatepost/client";
import { words } from "../words/index.ts";

/** Why something is not shown. `status` is 0 where no answer came at all. */
export interface Failure {
  status: number;
  /** What the server says of it. */
  detail: string;
  /** Method and path. */
  asked: string;
  retryAfter: number | null;
}

/** Makes a failure of what was thrown; null where the request was only taken back. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refusal) {
    return { status: error.status, detail: error.message, asked: error.asked, retryAfter: error.retryAfter };
  }
  if (error instanceof DOMException && error.name === "AbortError") return null;
  return { status: 0, detail: error instanceof Error ? error.message : String(error), asked: "", retryAfter: null };
}

/** What is said of it in one sentence: where no answer came, the browser's own is none for people. */
export const sayingOf = ({ status, detail }: Failure) => (status === 0 ? words.value.failure.offline : detail);

/** Whether asking again may help. */
export const isPassing = ({ status }: Failure) => status === 0 || status === 429 || status >= 500;
