import type { IncomingMessage, ServerResponse } from "node:http";

/** What the web's Request refuses to carry; no route has any of them. */
const uncarried = /^(connect|trace|track)$/i;

/** A node request whose body was read, as the web's Request that the API takes. */
export function toWeb(request: IncomingMessage, body: Buffer): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const asked = request.method ?? "GET";
  const method = uncarried.test(asked) ? "UNCARRIED" : asked;
  // Joined as text: against a base, a path of two slashes would be read as a host.
  const url = `http://gatepost/${(request.url ?? "/").replace(/^\/+/, "")}`;
  const hasBody = method !== "GET" && method !== "HEAD" && body.length > 0;
  return new Request(url, { method, headers, ...(hasBody ? { body: new Uint8Array(body) } : {}) });
}

/** Sends the web's Response as the answer to a node request. */
export async function fromWeb(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, [...answer.headers].flat());
  response.end(Buffer.from(await answer.arrayBuffer()));
}
