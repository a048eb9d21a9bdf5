import type { IncomingMessage } from "node:http";
import { decodePath, type RequestHead, requestHead } from "@gatepost/ingest";
import { requestTarget } from "./request-target.ts";

/**
 * The head of a Node request. It is enough to find the key, and to refuse the request before its body has come.
 * `address` is the client's, where it is not that of the connection.
 */
export function boxRequestHead(request: IncomingMessage, address = request.socket.remoteAddress ?? ""): RequestHead {
  const [path = "/", query = ""] = requestTarget(request).split(/\?(.*)/s, 2);
  return requestHead({
    method: request.method ?? "GET",
    path: decodePath(path),
    query,
    header: (name) => request.headersDistinct[name]?.join(","),
    address,
  });
}
