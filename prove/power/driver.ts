import { request } from "node:http";
import type { Claim, Operation } from "./claims.ts";
import { wallClock } from "./wall-clock.ts";

/** ms for an answer: the machine may be busy. */
const timeoutMs = 30_000;

export interface Sent {
  method?: string;
  path: string;
  body?: string;
  /** For the API. */
  token?: string;
  claims?: Claim[];
  /** Whether the sender repeats it until it is answered, as boxes do. */
  isRepeated?: boolean;
}

export interface Answered {
  status: number;
  body: string;
  /** The noted operation, whose claims may be completed from the answer. */
  operation: Operation;
}

/** Sends the requests of a workload, each on its own connection, and notes the promises of its answers. */
export class Driver {
  readonly operations: Operation[] = [];

  /** Notes earlier promises: they must hold also if the server does not start, and nothing is sent. */
  holds(claims: Claim[]): void {
    this.operations.push({ claims, begunAt: 0, port: null, isAnswered: true, request: null });
  }

  /** Sends to the server at `url`. */
  send(
    url: string,
    { method = "POST", path, body = "", token, claims = [], isRepeated = false }: Sent,
  ): Promise<Answered> {
    const operation: Operation = {
      claims,
      begunAt: wallClock(),
      port: 0,
      isAnswered: false,
      request: isRepeated ? { path, body } : null,
    };
    this.operations.push(operation);
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      };
      if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
      const sent = request(`${url}${path}`, { method, headers, agent: false, timeout: timeoutMs }, (response) => {
        let answer = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          answer += chunk;
        });
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          operation.isAnswered = status < 300;
          resolve({ status, body: answer, operation });
        });
        response.on("error", reject);
      });
      sent.on("socket", (socket) =>
        socket.on("connect", () => {
          operation.port = socket.localPort ?? 0;
        }),
      );
      sent.on("timeout", () => sent.destroy(new Error(`${path} is not answered`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
