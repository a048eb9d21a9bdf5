import type { Delivery } from "@gatepost/client";
import { inLanguageOrAsIs } from "../state/refused.ts";
import { entryOf } from "../words/entry-of.ts";
import { words } from "../words/index.ts";
import { clockTime } from "./time.ts";

/** How a delivery went, in one line: what was answered, how often it was tried, when it is next. */
export function deliveryWords({ state, status, ms, reason, tries, nextAt, rule }: Delivery): string {
  const { event: w } = words.value;
  const hasAnswer = status !== null && status !== undefined && ms !== null && ms !== undefined;
  if (state === "held") return heldWords(reason ?? "");
  const answer = state === "delivered" && hasAnswer ? w.answered(status, ms) : reasonWords(reason ?? null, rule);
  const next = nextAt === null || nextAt === undefined ? null : w.next(clockTime(nextAt));
  return [answer, tries > 1 || state !== "delivered" ? w.tries(tries) : null, next].filter(Boolean).join(" · ");
}

/** Why people were not told of it by itself; a reason that is not known is shown as it is. */
function heldWords(reason: string): string {
  return entryOf(words.value.delivery.held, reason) ?? reason;
}

/** Why a delivery failed, as a sentence; a reason that is not known is shown as it is. */
export function reasonWords(reason: string | null, ruleName: string | null): string | null {
  const { delivery: w } = words.value;
  if (reason === null) return null;
  // A key that is limited to boxes is not told the names of rules.
  const rule = ruleName ?? "***";
  const answered = /^answered (\d{3})/.exec(reason)?.[1];
  if (answered !== undefined) return w.answered(rule, answered);
  const waited = /^no answer within (\d+) ms/.exec(reason)?.[1];
  if (waited !== undefined) return w.noAnswer(rule, String(Math.round(Number(waited) / 1000)));
  if (/rule was removed/.test(reason)) return w.removed;
  if (reason === "too-late") return w.tooLate;
  if (/private (address|network)/.test(reason)) return w.private(rule);
  return /E[A-Z]{4,}|certificate|TLS/.test(reason) ? `${w.unreachable(rule)} (${reason})` : inLanguageOrAsIs(reason);
}
