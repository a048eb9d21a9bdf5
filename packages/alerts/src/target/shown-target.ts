import * as z from "zod";
import { type Channel, channels } from "./channel-url.ts";

const quiet = z.object({ from: z.string(), to: z.string(), zone: z.string() });

const written = z.object({
  type: z.enum(channels),
  url: z.string(),
  secret: z.string().nullable().default(null),
  to: z.string().exactOptional(),
  template: z.string().exactOptional(),
  cooldownSeconds: z.int().exactOptional(),
  quiet: quiet.exactOptional(),
});

/** The target of an alert as readers see it: its secret is not told, nor what in its URL is one. */
export interface ShownTarget extends Omit<z.output<typeof written>, "secret"> {
  hasSecret: boolean;
}

/** What readers see of a target, as it is written in a rule that can be used. */
export function shownTarget(target: unknown): ShownTarget {
  const { secret, ...shown } = written.parse(target);
  return { ...shown, url: maskedUrl(shown.type, shown.url), hasSecret: secret !== null };
}

/** Where the secret of a URL is, for the channels whose URL alone lets anybody write. */
const secretParts: Partial<Record<Channel, RegExp>> = {
  wecom: /(?<=[?&]key=)[^&#]+/,
  dingtalk: /(?<=[?&]access_token=)[^&#]+/,
  feishu: /(?<=\/hook\/)[^/?#]+/,
  ntfy: /(?<=\/)[^/?#]+(?=[?#]|$)/,
};

/** A URL of a channel with stars for its secret part. Of a long secret the last four characters stay. */
export function maskedUrl(type: Channel, url: string): string {
  const part = secretParts[type];
  return part === undefined ? url : url.replace(part, (secret) => `***${secret.length >= 12 ? secret.slice(-4) : ""}`);
}
