import { type Channel, channels } from "@gatepost/core/rules";
import { Zone, zoneFault } from "@gatepost/core/zones";
import { dayMs, minuteMs } from "@gatepost/protocol";
import * as z from "zod";
import { channelUrl, isAddress, userOf, usualLanguage } from "./channel-url.ts";
import { type Template, templateOf } from "./template.ts";

const clockTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time as 22:00")
  .transform((text) => {
    const [hours = "", minutes = ""] = text.split(":");
    return (Number(hours) * 60 + Number(minutes)) * minuteMs;
  });

const zone = z.string().transform((name, { addIssue }) => {
  const fault = zoneFault(name);
  if (fault === null) return Zone.find(name) ?? Zone.utc;
  addIssue(fault);
  return z.NEVER;
});

/** Hours without alerts, as ms since midnight on the clocks of a zone. They may go over midnight. */
const quietSchema = z
  .strictObject({ from: clockTime, to: clockTime, zone })
  .refine(({ from, to }) => from !== to, "from and to must differ");

export type QuietHours = z.output<typeof quietSchema>;

/** The end of the quiet hours that contain an instant (ms since 1970); null if none do. */
export function quietUntil({ from, to, zone }: QuietHours, now: number): number | null {
  if (!isQuiet({ from, to, zone }, now)) return null;
  const local = zone.localOf(now) % dayMs;
  const rest = (to - local + dayMs) % dayMs;
  // If clocks change in these hours, the end by the clock is an hour earlier or later than by counting.
  const counted = now + rest;
  let until = counted + zone.offsetAt(now) - zone.offsetAt(counted);
  // If clocks are put forward over the end, quiet hours end with the change.
  while (until <= now || isQuiet({ from, to, zone }, until)) until += minuteMs;
  return until;
}

function isQuiet({ from, to, zone }: QuietHours, now: number): boolean {
  const local = zone.localOf(now) % dayMs;
  return from < to ? local >= from && local < to : local >= from || local < to;
}

const maxRecipients = 20;

/** The recipients of an e-mail, or the fault of `to`. */
function recipientsOf(to: string | undefined): string[] | string {
  const addresses = (to ?? "").split(",").map((one) => one.trim());
  const isUsable = addresses.length <= maxRecipients && addresses.every(isAddress);
  return isUsable ? addresses : `must be 1 to ${maxRecipients} addresses, as guard@example.com,desk@example.com`;
}

/** The topic that MQTT publishes to, or the fault of `to`. */
function topicOf(to: string): { topic: string } | string {
  return /^[\w.-]+(?:\/[\w.-]+){0,7}$/.test(to) && to.length <= 128
    ? { topic: to }
    : "must be a topic, as site/gatepost";
}

/** Seconds without a second alert for the same person at the same device, unless a rule sets another number. */
const usualCooldownSeconds = 300;

const sent = z.strictObject({
  type: z.enum(channels, {
    error: ({ input }) =>
      input === "frappe"
        ? "frappe is no target any more: have examples/hr write the check-ins, by a webhook"
        : `must be one of ${channels.join(", ")}`,
  }),
  url: z.string().max(2048),
  secret: z.string().min(1).max(1024).nullable().default(null),
  to: z.string().max(1024).optional(),
  template: z.string().max(2000).optional(),
  cooldownSeconds: z
    .int()
    .min(0)
    .max(24 * 60 * 60)
    .default(usualCooldownSeconds),
  cooldownPer: z.enum(["gate", "person"], "must be gate or person").default("gate"),
  quiet: quietSchema.optional(),
  allowPrivate: z.boolean().default(false),
});

/** The channel and the hours of a rule's alerts. */
export interface AlertTarget {
  type: Channel;
  url: URL;
  /** What signs (DingTalk, Feishu), or the password or token (e-mail, MQTT, ntfy). */
  secret: string | null;
  /** The addresses of an e-mail; else none. */
  recipients: string[];
  /** The topic of MQTT under which everything is published; empty for the server's own. */
  topic: string;
  template: Template;
  cooldownMs: number;
  /** Whether the cooldown of a person is for the same device alone, or for every device. */
  cooldownPer: "gate" | "person";
  quiet: z.output<typeof quietSchema> | null;
  allowPrivate: boolean;
}

/** A rule whose target is a channel. */
export interface AlertRule {
  name: string;
  target: AlertTarget;
}

/**
 * The target of a rule's alerts: the target of a rule that has a `type`. The faults say which member is wrong and the
 * right form, and never quote a URL or a secret.
 */
export const alertTargetSchema = sent.transform((target, { addIssue }): AlertTarget => {
  const { type, to, template, cooldownSeconds, cooldownPer, quiet = null, ...rest } = target;
  const faults: [member: string, fault: string][] = [];
  const read = <Value>(member: string, value: Value | string): Value | null => {
    if (typeof value !== "string") return value;
    faults.push([member, value]);
    return null;
  };
  const url = read("url", channelUrl(type, rest.url));
  const recipients = type === "email" ? read("to", recipientsOf(to)) : [];
  const topic = type === "mqtt" && to !== undefined ? read("to", topicOf(to)) : { topic: "" };
  const parsed = read("template", templateOf(template ?? usualLanguage(type, rest.url)));
  if (to !== undefined && type !== "email" && type !== "mqtt") faults.push(["to", "is for e-mail and MQTT alone"]);
  if (type === "wecom" && rest.secret !== null) faults.push(["secret", "WeCom's robots have none: leave it out"]);
  const isSignedIn = url === null || rest.secret === null || userOf(url) !== "";
  if ((type === "email" || type === "mqtt") && !isSignedIn)
    faults.push(["secret", "is for a user, and the URL names none"]);
  for (const [member, message] of faults) addIssue({ code: "custom", path: [member], message });
  if (url === null || recipients === null || topic === null || parsed === null) return z.NEVER;
  return {
    type,
    url,
    recipients,
    quiet,
    ...topic,
    template: parsed,
    secret: rest.secret,
    cooldownMs: cooldownSeconds * 1000,
    cooldownPer,
    allowPrivate: rest.allowPrivate,
  };
});

/** Whether the target of a rule, as it is written, is one for alerts. */
export function isForAlerts(target: unknown): boolean {
  return typeof target === "object" && target !== null && "type" in target;
}
