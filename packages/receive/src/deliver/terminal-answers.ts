import type { Outcome } from "@gatepost/core/arrivals";
import { type Answer, acknowledged, refusal } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import {
  isAtDoor,
  isObject,
  LocalTimes,
  makeOf,
  notTaken,
  requested,
  type TerminalAnswer,
  taken,
} from "@gatepost/protocol";
import type { Admission } from "../auth/authenticate.ts";
import { Body } from "../decode/body.ts";
import { decode } from "../decode/decode.ts";
import type { ReceiverPorts } from "../ports.ts";
import { type IclockRequest, iclockQuestion, iclockRequest, type RequestHead } from "./request.ts";
import { writeBoxStatus } from "./writes.ts";

function answerOf({ contentType, body }: TerminalAnswer): Answer {
  return { status: 200, headers: { "content-type": contentType }, body };
}

/** The paths at which terminals of Dahua ask whether the host is there. They leave the set path out. */
const keepAlivePaths = ["EventHttpUpload/keepalive", "PictureHttpUpload/keepalive", "keepalive"];

/** The answer to a terminal of Dahua that asks whether the host is there; null for any other request. */
export function keepAliveAnswer({ method, segments }: Pick<RequestHead, "method" | "segments">): Answer | null {
  const isAsking = (method === "GET" || method === "HEAD") && segments.at(-1) === "keepalive";
  return isAsking ? answerOf({ contentType: "application/json", body: '{"result":true}' }) : null;
}

/** The answer to a request that has no key and needs none; null for any other. Nothing is noted of it. */
export function answerWithoutKey(head: Pick<RequestHead, "method" | "segments">): Answer | null {
  return keepAlivePaths.includes(head.segments.join("/")) ? keepAliveAnswer(head) : null;
}

/**
 * The answer to a request of a terminal that brings no records; null for any other. That the terminal is there counts as
 * a sign of its box.
 */
export async function answerToTerminal(
  { method }: Pick<RequestHead, "method">,
  { box, path }: Admission,
  ports: ReceiverPorts,
): Promise<Answer | null> {
  const asked = iclockQuestion(method, path);
  const alive = asked === null ? keepAliveAnswer({ method, segments: path }) : null;
  if (asked === null && alive === null) return null;
  const now = ports.clock();
  await writeBoxStatus({ box, kind: "heartbeat", receivedAt: now, report: {} }, ports);
  if (asked === null) return alive;
  const zone = new LocalTimes(await ports.zones.of(box)).minutesAt(now);
  return answerToQuestion(asked, { zone, isRegistered: await isRegistered(asked, box, ports) });
}

/** Whether a terminal at a door has registered. The registration is kept like the name of a person without a number. */
async function isRegistered({ action, table, serial }: IclockRequest, box: string, { enrolled }: ReceiverPorts) {
  if (action === "registry") await enrolled.put(box, { terminal: serial, person: "", name: "registered" });
  else if (!isAtDoor(table)) return false;
  return action === "registry" || (await enrolled.of(box, serial, "")) !== null;
}

/** The answer to a request of a terminal of ZKTeco that brings no records. */
export function answerToQuestion(
  { action, table: type, serial }: IclockRequest,
  by: { zone: number | null; isRegistered: boolean },
): Answer {
  return answerOf(requested(action, { serial, type, ...by }));
}

/** The answer to lines or a photo of a terminal of ZKTeco, once they are durable; null for any other body. */
export function answerToTable(bytes: Buffer, path: readonly string[]): Answer | null {
  const asked = iclockRequest(path);
  return asked === null ? null : answerOf(taken(asked.table, bytes));
}

/** A member of every body that a terminal needs an answer to. */
const ofAnswered = '"DeviceCode"';

/**
 * The answer that a terminal needs to a body that is kept to be delivered later, as it gets when the body is delivered at
 * once; null for the usual one.
 */
export function answerToKept(
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
  times: { now: number; local: LocalTimes },
): Answer | null {
  const decoded = bytes.includes(ofAnswered) ? decode(new Body(bytes), headers) : { parts: [] };
  for (const { read } of "parts" in decoded ? decoded.parts : []) {
    const value = "value" in read && isObject(read.value) ? read.value : {};
    const answer = makeOf(value)?.answer?.(value, times);
    if (answer) return answerOf(answer);
  }
  return null;
}

/** The answer to a delivery whose reports are durable. */
export function answerAfter(outcomes: readonly Outcome[]): Answer {
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
