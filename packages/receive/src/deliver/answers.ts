import type { Outcome } from "@gatepost/core/arrivals";
import { type Answer, acknowledged, refusal } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import type { TerminalAnswer } from "@gatepost/protocol";
import type { Terminals } from "../ports.ts";
import type { RequestHead } from "./request.ts";

export function answerOf({ status = 200, contentType, body }: TerminalAnswer): Answer {
  return { status, headers: { "content-type": contentType }, body };
}

/** The answer to a delivery whose reports are durable. */
export function answerAfter(outcomes: readonly Outcome[]): Answer {
  const answer = outcomes.find((one) => one.answer !== undefined)?.answer;
  return answer === undefined ? acknowledged : answerOf(answer);
}

/** The answer to a failure. */
export function refusalOf(
  head: Pick<RequestHead, "segments">,
  error: unknown,
  { terminals, log }: { terminals?: Pick<Terminals, "refusal">; log: Log },
): Answer {
  const refused = refusal(error, { log });
  return terminals?.refusal(head) ?? refused;
}
