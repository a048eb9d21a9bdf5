import { authority } from "@gatepost/core/authority";
import { type Channel, channels, ruleLimits } from "@gatepost/core/rules";
import { Zone, zoneFault } from "@gatepost/core/zones";
import { dayMs, minuteMs } from "@gatepost/protocol";
import * as z from "zod";
import { addressOf, channelUrl, isAbroad, isAddress, userOf, usualLanguage } from "./channel-url.ts";
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

/** Whom a channel writes to, besides its URL. */
interface Receivers {
  /** The addresses of an e-mail; else none. */
  recipients: string[];
  /** The topic of MQTT under which everything is published; empty for the server's own. */
  topic: string;
  /** The channel of Slack or the chat of Telegram that a bot writes to; else empty. */
  chat: string;
}

const nobody: Receivers = { recipients: [], topic: "", chat: "" };

/** A bot of Slack or Telegram: it has a token, and writes to the chat that `to` names. */
const isBot = (type: Channel, secret: string | null) => type === "telegram" || (type === "slack" && secret !== null);

/** The receivers that `to` names, or its fault. */
function receiversOf(type: Channel, to: string | undefined, secret: string | null): Receivers | string {
  if (type === "email") return recipientsOf(to ?? "");
  if (isBot(type, secret)) return chatOf(type, to ?? "");
  if (to === undefined) return nobody;
  if (type !== "mqtt") return "is for e-mail, MQTT and bots alone";
  return /^[\w.-]+(?:\/[\w.-]+){0,7}$/.test(to) && to.length <= 128
    ? { ...nobody, topic: to }
    : "must be a topic, as site/gatepost";
}

function recipientsOf(to: string): Receivers | string {
  const recipients = to.split(",").map((one) => one.trim());
  const isUsable = recipients.length <= maxRecipients && recipients.every(isAddress);
  return isUsable
    ? { ...nobody, recipients }
    : `must be 1 to ${maxRecipients} addresses, as guard@example.com,desk@example.com`;
}

function chatOf(type: Channel, chat: string): Receivers | string {
  const [form, like] =
    type === "telegram"
      ? [/^(?:-?\d{1,20}|@\w{4,64})$/, "a chat, as -1001234567890 or @channel"]
      : [/^#?[\p{L}\p{N}._-]{1,80}$/u, "a channel, as C0123456789 or #gate"];
  return form.test(chat) ? { ...nobody, chat } : `must be ${like}`;
}

/** The fault of a channel's secret; null if it is right. */
function secretFault(type: Channel, secret: string | null, url: URL | null): string | null {
  if (type === "telegram" && !/^\d+:[\w-]+$/.test(secret ?? ""))
    return "must be the token of a bot, as @BotFather shows it";
  if (type === "slack" && url !== null && url.pathname.endsWith("/chat.postMessage") !== (secret !== null))
    return "is the token of a bot: the API needs one, and the URL of a webhook has none";
  if (secret === null) return null;
  if (type === "wecom") return "WeCom's robots have none: leave it out";
  if (type === "teams") return "a workflow of Teams has none: leave it out";
  const isUnnamed = url !== null && userOf(url) === "";
  return (type === "email" || type === "mqtt") && isUnnamed ? "is for a user, and the URL names none" : null;
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
  url: z.string().max(2048).default(""),
  secret: z.string().min(1).max(1024).nullable().default(null),
  to: z.string().max(1024).optional(),
  template: z.string().max(2000).optional(),
  cooldownSeconds: z.int().min(0).max(ruleLimits.cooldownSeconds).default(usualCooldownSeconds),
  cooldownPer: z.enum(["gate", "person"], "must be gate or person").default("gate"),
  quiet: quietSchema.optional(),
  allowPrivate: z.boolean().default(false),
  ca: authority.nullable().default(null),
});

/** The channel and the hours of a rule's alerts. */
export interface AlertTarget extends Receivers {
  type: Channel;
  url: URL;
  /** What signs (DingTalk, Feishu), or the password or token (e-mail, MQTT, ntfy, bots of Slack and Telegram). */
  secret: string | null;
  template: Template;
  cooldownMs: number;
  /** Whether the cooldown of a person is for the same device alone, or for every device. */
  cooldownPer: "gate" | "person";
  quiet: z.output<typeof quietSchema> | null;
  allowPrivate: boolean;
  /** Certificates that are trusted, too: as PEM, or on one machine a file of them. */
  ca: string | null;
}

/** What tells a channel from others. Two rules may send to one robot, which counts their messages together. */
export function channelOf({ type, url, topic, chat, recipients }: AlertTarget): string[] {
  return [type, url.href, topic || chat.replace(/^#/, ""), ...recipients];
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
  const address = type === "slack" && rest.secret === null ? rest.url : addressOf(type, rest.url);
  const url = read("url", channelUrl(type, address));
  const receivers = read("to", receiversOf(type, to, rest.secret));
  const parsed = read("template", templateOf(template ?? usualLanguage(type, rest.url), isAbroad(type)));
  const wrongSecret = secretFault(type, rest.secret, url);
  if (wrongSecret !== null) faults.push(["secret", wrongSecret]);
  for (const [member, message] of faults) addIssue({ code: "custom", path: [member], message });
  if (url === null || receivers === null || parsed === null) return z.NEVER;
  return {
    type,
    url,
    ...receivers,
    quiet,
    template: parsed,
    secret: rest.secret,
    cooldownMs: cooldownSeconds * 1000,
    cooldownPer,
    allowPrivate: rest.allowPrivate,
    ca: rest.ca,
  };
});

/** Whether the target of a rule, as it is written, is one for alerts. */
export function isForAlerts(target: unknown): boolean {
  return typeof target === "object" && target !== null && "type" in target;
}
