import { Agent, type ClientRequest, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as SecureAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Encoded } from "./bodies/encode.ts";

/** How a body goes over the network: whole, with the connection cut in its middle, or in drops. */
export type Manner = "whole" | "cut" | "slow";

export type Outcome = "accepted" | "refused" | "unanswered";

const agent = new Agent({ keepAlive: true });
const secureAgent = new SecureAgent({ keepAlive: true });
const drops = 8;
const dropPauseMs = 30;

/** Posts a body as a box does, and waits `timeoutMs` for its answer. Never throws. */
export function post(
  url: URL,
  body: Encoded,
  { timeoutMs, manner }: { timeoutMs: number; manner: Manner },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const sent = open(url, body);
    const giveUp = setTimeout(() => sent.destroy(), timeoutMs);
    const end = (outcome: Outcome) => {
      clearTimeout(giveUp);
      resolve(outcome);
    };
    sent.on("error", () => end("unanswered"));
    sent.on("close", () => end("unanswered"));
    sent.on("response", (response) => {
      response.resume();
      response.on("close", () => end("unanswered"));
      response.on("end", () => end(response.statusCode === 200 ? "accepted" : "refused"));
    });
    void send(sent, body.bytes, manner);
  });
}

function open(url: URL, { contentType, bytes }: Encoded): ClientRequest {
  const headers = { "content-type": contentType, "content-length": bytes.length };
  return url.protocol === "https:"
    ? requestHttps(url, { method: "POST", headers, agent: secureAgent })
    : requestHttp(url, { method: "POST", headers, agent });
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
