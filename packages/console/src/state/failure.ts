import { type Me, Refusal } from "@gatepost/client";
import { effect, signal } from "@preact/signals";
import { words } from "../words/index.ts";
import { refusalsIn } from "../words/refusals.ts";
import { say } from "./notice.ts";
import { preferences } from "./preferences.ts";

/** Why something is not shown. `status` is 0 if no answer arrived. */
export interface Failure {
  status: number;
  /** The server's reason, in English; empty if a proxy in between answered. */
  detail: string;
  /** Method and path. */
  asked: string;
  retryAfter: number | null;
}

/** Makes a failure of a thrown error; null if the request was only cancelled. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refusal) {
    const detail = error.isProblem ? error.message : "";
    return { status: error.status, detail, asked: error.asked, retryAfter: error.retryAfter };
  }
  if (error instanceof DOMException && error.name === "AbortError") return null;
  return { status: 0, detail: error instanceof Error ? error.message : String(error), asked: "", retryAfter: null };
}

/**
 * The failure in one sentence. Without an answer, the browser's own text is not for people. The server's text is given
 * in the language of the page; if there is no translation, the sentence of the status is given, with the server's words
 * behind it.
 */
export function failureText({ status, detail }: Failure): string {
  const { failure: w } = words.value;
  if (status === 0) return w.offline;
  const said = inLanguage(detail);
  if (said !== null) return said;
  const why = w.byStatus[status] ?? (status >= 500 ? w.unavailable : w.notTaken);
  return detail === "" ? why : w.with(why, detail);
}

/** Whether asking again may help. */
export const isPassing = ({ status }: Failure) => status === 0 || status === 429 || status >= 500;

/** Translates a refusal of the server; null until it is loaded. English needs none. */
const translate = signal<((detail: string) => string | null) | null>(null);

// Loaded apart from the page: only Chinese needs it.
effect(() => {
  if (preferences.value.language !== "zh" || translate.peek() !== null) return;
  import("../words/zh-refusals.ts").then(
    ({ zhRefusals }) => {
      translate.value = refusalsIn(zhRefusals);
    },
    // Without the translations, `failureText` goes by the status.
    () => null,
  );
});

/** A sentence of the server in the language of the page; null if there is no translation. */
export function inLanguage(detail: string): string | null {
  if (detail === "") return null;
  return preferences.value.language === "en" ? detail : (translate.value?.(detail) ?? null);
}

/** The same; in the server's words if there is no translation. */
export const inLanguageOrAsIs = (detail: string): string => inLanguage(detail) ?? detail;

/**
 * Why a key opens nothing, or nothing any more.
 *
 * @param code the server's code for it
 * @param known the server's answer about the key while it still worked; null if it never did
 */
export function whyRefused(
  code: string | null,
  known: Pick<Me, "key"> | null,
  now: number,
): "revoked" | "expired" | "unknown" {
  if (code === "revoked" || code === "expired") return code;
  if (known === null) return "unknown";
  const { expiresAt } = known.key ?? {};
  return expiresAt !== undefined && Date.parse(expiresAt) <= now ? "expired" : "revoked";
}

/**
 * Does an act for the user, and shows at the foot of the page why it failed. Resolves with its result, or null.
 *
 * @param wordsOf the text for a failure; the server's own sentence if it is absent
 */
export async function attempt<Result>(
  act: () => Promise<Result>,
  wordsOf: (failure: Failure) => string = failureText,
): Promise<Result | null> {
  try {
    return await act();
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== null) say(wordsOf(failure));
    return null;
  }
}
