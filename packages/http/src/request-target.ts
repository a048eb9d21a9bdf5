import type { IncomingMessage } from "node:http";

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
