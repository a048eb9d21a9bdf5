import type { IncomingMessage } from "node:http";
import { requestTarget } from "./request-head.ts";

/** The address by which others reach the server, behind a proxy mostly. */
export class PublicAddress {
  readonly isHttps: boolean;
  /** Null if no address is set. */
  readonly origin: string | null;
  /** Its path, as `/gate`; empty if it has none. */
  readonly basePath: string;

  /** @param url as `https://example.com/gate`; without it, the server is reached by the address that it listens on */
  constructor(url?: string) {
    const { origin, protocol, pathname } = url === undefined ? nowhere : new URL(url);
    this.origin = origin;
    this.isHttps = protocol === "https:";
    const names = pathname.split("/").filter((name) => name !== "");
    this.basePath = names.map((name) => `/${name}`).join("");
  }

  /**
   * Takes the path of the address off the target of a request. A proxy may have done that already: a target without it
   * stays as it is. True if the target is that path without a slash at its end, so that links of the page would lead elsewhere.
   */
  strip(request: IncomingMessage): boolean {
    const { basePath } = this;
    if (basePath === "") return false;
    const target = requestTarget(request);
    if (!target.startsWith(basePath)) return false;
    const rest = target.slice(basePath.length);
    if (rest.startsWith("/")) request.url = rest;
    return rest === "" || rest.startsWith("?");
  }
}

const nowhere = { origin: null, protocol: "", pathname: "" };
