import { privateHost } from "@gatepost/alerts/targets";

/** Names of hosts that exist on a LAN alone: without a dot, or as hass.local. */
const ofLan = /^[^.]+$|\.(?:local|lan|internal|home\.arpa)$/;

/**
 * The origin of a page that may frame the screen; null if a text is none. A page by http can be changed on its way, so it
 * must be on the LAN.
 */
export function frameAncestor(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.href !== `${url.origin}/` || url.hostname.includes("*")) return null;
  const isOnLan = privateHost(url) !== null || ofLan.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isOnLan) ? url.origin : null;
}
