import type { IncomingMessage, ServerResponse } from "node:http";

/** Methods that a web Request cannot have; no route has any of them. */
const uncarried = /^(connect|trace|track)$/i;

/** Makes a web Request of a Node request and its body, for the API. */
export function toWeb(request: IncomingMessage, body: Buffer): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const asked = request.method ?? "GET";
  const method = uncarried.test(asked) ? "UNCARRIED" : asked;
  // Joined as text: `new URL(path, base)` would read a path with two slashes as a host.
  const url = `http://gatepost/${(request.url ?? "/").replace(/^\/+/, "")}`;
  const hasBody = method !== "GET" && method !== "HEAD" && body.length > 0;
  return new Request(url, { method, headers, ...(hasBody ? { body: new Uint8Array(body) } : {}) });
}

/** Sends a web Response as the answer to a Node request. */
export async function fromWeb(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, [...answer.headers].flat());
  response.end(Buffer.from(await answer.arrayBuffer()));
}
