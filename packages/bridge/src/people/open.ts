import type { PeopleConfig } from "../config/people.ts";
import { BoxApi } from "../se5/box-api.ts";
import { BoxPeople } from "./box-people.ts";
import { dialectOf } from "./dialect-of.ts";
import type { PersonLibrary } from "./library.ts";
import { Sophonsight } from "./sophonsight.ts";

export interface OpenPeopleOptions {
  /** ms since 1970. */
  now?: () => number;
  /**
   * Limits for one answer: for a record with a photo of 5 MB in base64, and for the time in which a box computes a
   * feature.
   */
  timeoutMs?: number;
  maxBytes?: number;
}

const usualTimeoutMs = 30_000;
const usualMaxBytes = 16 * 1024 * 1024;

/**
 * The person library of a box or a sophonsight platform, from its configuration. Sends no request yet.
 *
 * @example
 * const library = openPeople({ host: "192.168.1.60", port: 5555, library: "default_group", quality: "high" });
 * const outcome = await library.remove("666666", AbortSignal.timeout(60_000));
 */
export function openPeople(
  config: PeopleConfig,
  { now = Date.now, timeoutMs = usualTimeoutMs, maxBytes = usualMaxBytes }: OpenPeopleOptions = {},
): PersonLibrary {
  if ("sophonsight" in config) {
    const { hostname, port, protocol } = new URL(config.sophonsight);
    const isSecure = protocol === "https:";
    const options = { timeoutMs, maxBytes, protocol: isSecure ? "https:" : "http:" } as const;
    const api = new BoxApi(hostname, Number(port || (isSecure ? 443 : 80)), options);
    return new Sophonsight({ api, config, now });
  }
  const api = new BoxApi(config.host, config.port, { timeoutMs, maxBytes });
  return new BoxPeople({ dialect: (signal) => dialectOf(api, config, signal), config });
}
