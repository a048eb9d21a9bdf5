/**
 * The whole address of the live feed, from what `GET /v1/me` says of it: a path of the server, or an address. Throws a
 * TypeError where it is neither, because no later try would help.
 *
 * @param server the address of the server; empty for the page's own
 */
export function liveAddress(live: string, server: string): string {
  return new URL(live, server || pageAddress()).href.replace(/^http/, "ws");
}

/** Undefined where there is no page, as in Node. */
function pageAddress(): string | undefined {
  const page: unknown = Reflect.get(globalThis, "location");
  return page === undefined ? undefined : `${page}`;
}
