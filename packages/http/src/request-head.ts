import type { IncomingMessage } from "node:http";
import { type RequestHead, requestHead } from "@gatepost/ingest";

/** The head of a Node request. It is enough to find the key, and to refuse the request before its body has come. */
export function boxRequestHead(request: IncomingMessage): RequestHead {
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  return requestHead({
    method: request.method ?? "GET",
    path: decodePath(path),
    query,
    header: (name) => request.headersDistinct[name]?.join(","),
    address: request.socket.remoteAddress ?? "",
  });
}

/** Decodes a path. One that is not valid percent-encoding stays as it came. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
