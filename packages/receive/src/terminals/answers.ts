import type { Answer } from "@gatepost/core/errors";
import { isObject, type LocalTimes } from "@gatepost/protocol";
import { notTaken, requested, taken } from "@gatepost/protocol/terminals";
import { Body } from "../decode/body.ts";
import { decode } from "../decode/decode.ts";
import { answerOf } from "../deliver/answers.ts";
import type { RequestHead } from "../deliver/request.ts";
import { terminalForms } from "./forms.ts";
import { type IclockRequest, iclockRequest } from "./iclock.ts";

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

/** The answer to a request of a terminal of ZKTeco that brings no records. */
export function answerToQuestion(
  { action, table: type, serial }: IclockRequest,
  by: { now: number; zone: number | null; isRegistered: boolean },
): Answer {
  return answerOf(requested(action, { serial, type, ...by }));
}

/** The answer to lines or a photo of a terminal of ZKTeco, once they are durable; null for any other body. */
export function answerToTable(bytes: Buffer, path: readonly string[]): Answer | null {
  const asked = iclockRequest(path);
  return asked === null ? null : answerOf(taken(asked, bytes));
}

/**
 * The answer to a failure; null for any other sender. A terminal of ZKTeco takes no status but 200: without \`OK\` it keeps
 * its records, and sends them again.
 */
export function notTakenAnswer({ segments }: Pick<RequestHead, "segments">): Answer | null {
  return segments.slice(0, 2).some((_, at) => iclockRequest(segments.slice(at)) !== null) ? answerOf(notTaken) : null;
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
  const decoded = bytes.includes(ofAnswered)
    ? decode(new Body(bytes), headers, { terminals: terminalForms })
    : { parts: [] };
  for (const { read, make } of "parts" in decoded ? decoded.parts : []) {
    const value = "value" in read && isObject(read.value) ? read.value : {};
    const answer = make?.answer?.(value, times);
    if (answer) return answerOf(answer);
  }
  return null;
}
