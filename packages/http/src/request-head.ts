import type { IncomingMessage } from "node:http";
import { decodePath } from "@gatepost/core/paths";
import { type RequestHead, requestHead, type Terminals } from "@gatepost/receive";

/**
 * The head of a Node request. It is enough to find the key, and to refuse the request before its body has arrived.
 *
 * @param address of the client, if there is a proxy between
 */
export function boxRequestHead(
  request: IncomingMessage,
  address = request.socket.remoteAddress ?? "",
  terminals?: Pick<Terminals, "segmentsOf">,
): RequestHead {
  const target = requestTarget(request);
  const end = target.indexOf("?");
  const [path, query] = end < 0 ? [target, ""] : [target.slice(0, end), target.slice(end + 1)];
  return requestHead({
    method: request.method ?? "GET",
    path: decodePath(path),
    query,
    header: (name) => headerIn(request.rawHeaders, name),
    address,
    segmentsOf: terminals?.segmentsOf,
  });
}

/** All values of a header by its lower-case name, joined. Node's `headers` drops repeated values of some headers. */
function headerIn(raw: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]?.length !== name.length || raw[at]?.toLowerCase() !== name) continue;
    value = value === undefined ? raw[at + 1] : `${value},${raw[at + 1]}`;
  }
  return value;
}

/**
 * The path and query of a request. A client may send a whole URL, as it does to a proxy (RFC 9112, 3.2.2): scheme and
 * host are ignored.
 */
export function requestTarget({ url = "/" }: Pick<IncomingMessage, "url">): string {
  if (url.startsWith("/")) return url;
  const target = /^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1];
  if (target === undefined) return url;
  return target.startsWith("/") ? target : `/${target}`;
}
