import type { IncomingMessage } from "node:http";
import { decodePath, type RequestHead, requestHead } from "@gatepost/ingest";
import { requestTarget } from "./request-target.ts";

/** The head of a Node request. It is enough to find the key, and to refuse the request before its body has come. */
export function boxRequestHead(request: IncomingMessage): RequestHead {
  const [path = "/", query = ""] = requestTarget(request).split(/\?(.*)/s, 2);
  return requestHead({
    method: request.method ?? "GET",
    path: decodePath(path),
    query,
    header: (name) => request.headersDistinct[name]?.join(","),
    address: request.socket.remoteAddress ?? "",
  });
}
