import type { Outcome } from "@gatepost/core/arrivals";
import { type Answer, acknowledged, refusal } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import { LocalTimes, notTaken, requested, type TerminalAnswer, taken } from "@gatepost/protocol";
import type { Admission } from "../auth/authenticate.ts";
import type { ReceiverPorts } from "../ports.ts";
import { iclockRequest, type RequestHead } from "./request.ts";
import { writeBoxStatus } from "./writes.ts";

function answerOf({ contentType, body }: TerminalAnswer): Answer {
  return { status: 200, headers: { "content-type": contentType }, body };
}

/** The parts of a host at which terminals of Dahua ask whether the host is there. They leave the set path out. */
const keepAliveParts = ["EventHttpUpload", "PictureHttpUpload"];

/** The answer to a request that has no key and needs none; null for any other. Nothing is noted of it. */
export function answerWithoutKey({ method, segments }: Pick<RequestHead, "method" | "segments">): Answer | null {
  const [first = "", second, ...others] = segments;
  const isAsking = method === "GET" && others.length === 0 && second === "keepalive" && keepAliveParts.includes(first);
  return isAsking ? answerOf({ contentType: "application/json", body: '{"result":true}' }) : null;
}

/** The actions by which a terminal of ZKTeco delivers records; by others it asks for something. */
const deliveries = ["cdata", "fdata"];

/**
 * The answer to a request of a terminal that brings no records; null for any other. That the terminal is there counts as
 * a sign of its box.
 */
export async function answerToTerminal(
  { method }: Pick<RequestHead, "method">,
  { box, path }: Admission,
  ports: ReceiverPorts,
): Promise<Answer | null> {
  const asked = iclockRequest(path);
  if (asked === null || (method === "POST" && deliveries.includes(asked.action))) return null;
  const now = ports.clock();
  await writeBoxStatus({ box, kind: "heartbeat", receivedAt: now, report: {} }, ports);
  const local = new LocalTimes(await ports.zones.of(box));
  const { action, table: type, serial } = asked;
  return answerOf(requested(action, { serial, type, zone: local.minutesAt(now) }));
}

/** The answer to a delivery whose reports are durable. */
export function answerAfter(outcomes: readonly Outcome[], { path }: Admission): Answer {
  const asked = iclockRequest(path);
  if (asked !== null) return answerOf(taken(asked.table, outcomes.filter(({ isWholeBody }) => !isWholeBody).length));
  const answer = outcomes.find((one) => one.answer !== undefined)?.answer;
  return answer === undefined ? acknowledged : answerOf(answer);
}

/**
 * The answer to a failure. A terminal of ZKTeco takes no status but 200: without \`OK\` it keeps its records, and sends
 * them again.
 */
export function refusalOf({ segments }: Pick<RequestHead, "segments">, error: unknown, deps: { log: Log }): Answer {
  const refused = refusal(error, deps);
  return segments.slice(0, 2).some((_, at) => iclockRequest(segments.slice(at)) !== null)
    ? answerOf(notTaken)
    : refused;
}
