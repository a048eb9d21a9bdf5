import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { listen } from "./listen.ts";

/** What stands before a service: it lets through, cuts off, refuses, or never answers. */
export type GateMode = "open" | "down" | "refusing" | "silent";

export interface Gate {
  url: string;
  mode: GateMode;
  /** Requests that came while the gate did not let through. */
  held: number;
  close(): Promise<void>;
}

/** A gate before the service at `upstream`. */
export async function gateBefore(upstream: string): Promise<Gate> {
  const gate: Gate = { url: "", mode: "open", held: 0, close: async () => {} };
  const server = await listen((incoming, outgoing) => {
    if (gate.mode === "open") return forward(upstream, incoming, outgoing);
    gate.held += 1;
    if (gate.mode === "down") incoming.socket.destroy();
    else if (gate.mode === "refusing") outgoing.writeHead(503).end();
    else incoming.resume();
  });
  return Object.assign(gate, server);
}

/** Passes a request on as it is, and its answer back. */
export function forward(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse, body?: Buffer): void {
  const { method, headers } = incoming;
  const onward = request(new URL(incoming.url ?? "/", upstream), { method, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on("error", () => outgoing.destroy());
  if (body === undefined) incoming.pipe(onward);
  else onward.end(body);
}
