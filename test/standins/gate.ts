import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import { bodyOf, listen } from "./listen.ts";

/**
 * The behaviour of a gate before a service: it lets requests through, cuts them off, refuses them, never answers, or
 * lets them be done and then cuts them off.
 */
export type GateMode = "open" | "down" | "refusing" | "silent" | "forgetful";

export interface Refusal {
  status: number;
  contentType?: string;
  body?: string;
}

export interface Gate {
  url: string;
  mode: GateMode;
  /** What it says when it is refusing. */
  refusal: Refusal;
  /** Whether a request meets with the mode; others are let through. */
  strikes(): boolean;
  /** Requests that met with another mode than open. */
  held: number;
  /** Gets from when until when (ms since 1970) a request that was let through waited for its answer. */
  took(from: number, until: number): void;
  close(): Promise<void>;
}

/** A gate before the service at `upstream`. A request that is cut off in its body does not reach the service. */
export async function gateBefore(upstream: string): Promise<Gate> {
  const gate: Gate = {
    url: "",
    mode: "open",
    refusal: { status: 503 },
    strikes: () => true,
    held: 0,
    took: () => {},
    close: async () => {},
  };
  const server = await listen((incoming, outgoing) => {
    const mode = gate.mode !== "open" && gate.strikes() ? gate.mode : "open";
    if (mode !== "open") gate.held += 1;
    if (mode === "down") incoming.socket.destroy();
    else if (mode === "silent") incoming.resume();
    else void whole(incoming).then((body) => body && answer(upstream, { incoming, outgoing, body, mode, gate }));
  });
  return Object.assign(gate, server);
}

interface Asked {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  body: Buffer;
  mode: Exclude<GateMode, "down" | "silent">;
  gate: Gate;
}

function answer(upstream: string, { incoming, outgoing, body, mode, gate }: Asked): void {
  const from = Date.now();
  if (mode === "open") outgoing.once("close", () => gate.took(from, Date.now()));
  if (mode === "refusing") refuse(outgoing, gate.refusal);
  else if (mode === "open") forward(upstream, incoming, outgoing, body);
  else forget(upstream, incoming, body);
}

function refuse(outgoing: ServerResponse, { status, contentType, body = "" }: Refusal): void {
  outgoing.writeHead(status, contentType === undefined ? {} : { "content-type": contentType }).end(body);
}

/** Null if the client cut it off. */
async function whole(incoming: IncomingMessage): Promise<Buffer | null> {
  try {
    return await bodyOf(incoming);
  } catch (error) {
    if (incoming.complete) throw error;
    return null;
  }
}

/** Passes a request on unchanged, and its answer back. */
export function forward(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse, body?: Buffer): void {
  const onward = ask(upstream, incoming, (answered) => {
    outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.on("error", () => outgoing.destroy()).pipe(outgoing);
  });
  onward.on("error", () => outgoing.destroy());
  if (body === undefined) incoming.pipe(onward);
  else onward.end(body);
}

/** Passes a request on, and cuts off its client once it was answered. */
function forget(upstream: string, incoming: IncomingMessage, body: Buffer): void {
  const cut = () => void incoming.socket.destroy();
  ask(upstream, incoming, (answered) => answered.resume().on("close", cut))
    .on("error", cut)
    .end(body);
}

/** Connections are kept for the next request, for less long than any of the services keeps them. */
export const agent = new Agent({ keepAlive: true, timeout: 4000 });

function ask(upstream: string, { method, headers, url }: IncomingMessage, hear: (answer: IncomingMessage) => void) {
  return request(new URL(url ?? "/", upstream), { method, headers, agent }, hear);
}
