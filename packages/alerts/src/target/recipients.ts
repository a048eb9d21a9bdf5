import { isAddress } from "./channel-url.ts";

const maxRecipients = 20;

/** Whom an e-mail goes to, or what is wrong with `to`. */
export function recipientsOf(to: string | undefined): string[] | string {
  const addresses = (to ?? "").split(",").map((one) => one.trim());
  const isUsable = addresses.length <= maxRecipients && addresses.every(isAddress);
  return isUsable ? addresses : `must be 1 to ${maxRecipients} addresses, as guard@example.com,desk@example.com`;
}

/** Under which topic MQTT publishes (`gatepost` where nothing is said), or what is wrong with `to`. */
export function topicOf(to = "gatepost"): { topic: string } | string {
  return /^[\w.-]+(?:\/[\w.-]+){0,7}$/.test(to) && to.length <= 128
    ? { topic: to }
    : "must be a topic, as site/gatepost";
}
