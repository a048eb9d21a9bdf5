import { Agent, type ClientRequest, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as SecureAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { omitAbsent } from "@gatepost/protocol";
import type { Encoded } from "./bodies/encode.ts";

/** How a body goes over the network: whole, with the connection cut in its middle, or in drops. */
export type Manner = "whole" | "cut" | "slow";

export type PostOutcome = "accepted" | "refused" | "unanswered";

const agent = new Agent({ keepAlive: true });
const secureAgent = new SecureAgent({ keepAlive: true });
const drops = 8;
const dropPauseMs = 30;

/** Posts a body as a box does, and waits `timeoutMs` for its answer. Never throws. */
export async function post(
  url: URL,
  { contentType, bytes }: Encoded,
  options: { timeoutMs: number; manner: Manner },
): Promise<PostOutcome> {
  const answer = await exchange(url, { method: "POST", contentType, bytes }, options);
  if (answer === null) return "unanswered";
  return answer.status === 200 ? "accepted" : "refused";
}

interface Sent {
  method: "GET" | "POST";
  /** Null if the sender does not say. */
  contentType: string | null;
  bytes: Buffer;
}

export interface Answered {
  status: number;
  contentType: string;
  /** The header `Date`; null if there is none. */
  date: string | null;
  body: string;
}

/** Most characters of an answer that are read. */
const maxAnswer = 64 * 1024;

/** Sends a request, and waits `timeoutMs` for its whole answer; null if there is none. Never throws. */
export function exchange(
  url: URL,
  sent: Sent,
  { timeoutMs, manner }: { timeoutMs: number; manner: Manner },
): Promise<Answered | null> {
  return new Promise((resolve) => {
    const request = open(url, sent);
    const giveUp = setTimeout(() => request.destroy(), timeoutMs);
    const end = (answer: Answered | null) => {
      clearTimeout(giveUp);
      resolve(answer);
    };
    request.on("error", () => end(null));
    request.on("close", () => end(null));
    request.on("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body = `${body}${text}`.slice(0, maxAnswer);
      });
      response.on("close", () => end(null));
      response.on("end", () =>
        end({ status, contentType: headers["content-type"] ?? "", date: headers.date ?? null, body }),
      );
    });
    void send(request, sent.bytes, manner);
  });
}

function open(url: URL, { method, contentType, bytes }: Sent): ClientRequest {
  const length = method === "GET" ? null : bytes.length;
  const headers = omitAbsent({ "content-type": contentType, "content-length": length });
  return url.protocol === "https:"
    ? requestHttps(url, { method, headers, agent: secureAgent })
    : requestHttp(url, { method, headers, agent });
}

async function send(sent: ClientRequest, bytes: Buffer, manner: Manner): Promise<void> {
  if (manner === "whole") {
    sent.end(bytes);
  } else if (manner === "cut") {
    sent.write(bytes.subarray(0, bytes.length / 2), () => sent.destroy());
  } else {
    const size = Math.ceil(bytes.length / drops);
    for (let at = 0; at < bytes.length && !sent.destroyed; at += size) {
      sent.write(bytes.subarray(at, at + size));
      await sleep(dropPauseMs);
    }
    if (!sent.destroyed) sent.end();
  }
}
