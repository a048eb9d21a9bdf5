import type { Answer } from "@gatepost/core/errors";
import { Body, type BoxRequest, receiver, requestHead, type Terminals } from "@gatepost/receive";
import { segmentsOf } from "@gatepost/receive/terminals";
import { expect } from "vitest";
import type { MemoryPorts } from "./memory-ports.ts";

export interface Sent {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  /** Bytes and texts are sent as they are, anything else as JSON. */
  body?: unknown;
  address?: string;
}

/** A request of a box, as a server reads it from the connection. */
export function boxRequest(sent: Sent, terminals: Pick<Terminals, "segmentsOf"> | null = { segmentsOf }): BoxRequest {
  const { method = "POST", path = "/", query = "", body, address = "198.51.100.7" } = sent;
  const headers: Record<string, string> = { "content-type": "application/json", ...sent.headers };
  const head = requestHead({ method, path, query, header: (name) => headers[name], address, ...terminals });
  return { ...head, body: new Body(body === undefined ? "" : bytesOf(body)) };
}

export function bytesOf(body: unknown): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** Sends one request through the receiver over these ports. */
export function send(deps: MemoryPorts, sent: Sent): Promise<Answer> {
  return receiver(deps)(boxRequest(sent, deps.terminals ?? null));
}

export const success: Answer = {
  status: 200,
  headers: { "content-type": "application/json", "gatepost-outcome": expect.any(String) },
  body: '{"message":"SUCCESS","status":0}',
};
