import { channels } from "@gatepost/core/rules";
import * as z from "zod";
import { addressOf, maskedUrl } from "./channel-url.ts";

const quiet = z.object({ from: z.string(), to: z.string(), zone: z.string() });

const written = z.object({
  type: z.enum(channels),
  url: z.string().default(""),
  secret: z.string().nullable().default(null),
  to: z.string().exactOptional(),
  template: z.string().exactOptional(),
  cooldownSeconds: z.int().exactOptional(),
  cooldownPer: z.enum(["gate", "person"]).exactOptional(),
  quiet: quiet.exactOptional(),
});

/** The target of an alert as readers see it: its secret is not told, nor what in its URL is one. */
export interface ShownTarget extends Omit<z.output<typeof written>, "secret"> {
  hasSecret: boolean;
}

/** A target of a valid rule, as readers see it. */
export function shownTarget(target: unknown): ShownTarget {
  const { secret, ...shown } = written.parse(target);
  return { ...shown, url: maskedUrl(shown.type, addressOf(shown.type, shown.url)), hasSecret: secret !== null };
}
