import type { IncomingMessage } from "node:http";

/**
 * The path and query of a request. A client may also send them behind a scheme and a host, as it does to a proxy (RFC
 * 9112, 3.2.2): which host it means makes no difference here.
 */
export function requestTarget({ url = "/" }: Pick<IncomingMessage, "url">): string {
  if (url.startsWith("/")) return url;
  const target = /^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1];
  if (target === undefined) return url;
  return target.startsWith("/") ? target : `/${target}`;
}
