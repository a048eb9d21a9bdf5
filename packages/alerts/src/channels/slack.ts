import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { fitting, linesIn } from "../message/lines.ts";
import { inMarkdown } from "../message/safe.ts";
import { type Fault, failed, json, reachOf, type Sender } from "./sending.ts";

/** Bytes of a text: of a longer one Slack may cut the end. docs/alerts.md#slack */
const textBytes = 4000;

const gone = "the webhook was removed, or its channel: add it to a channel again, and copy the URL";
const notAllowed = "the app may not write: give it the scope chat:write, and install it again";
const wrongToken = "the token is wrong or was revoked: write the bot's token (xoxb-…) as secret";

const faults: Readonly<Record<string, Fault>> = {
  // Of a webhook. A text of its answer is the code.
  no_text: { words: "the message is empty", isRefused: true },
  invalid_payload: { words: "the message is not as Slack wants it", isRefused: true },
  action_prohibited: { words: "an administrator of Slack does not let webhooks write to this channel" },
  channel_is_archived: { words: "the channel is archived" },
  no_active_hooks: { words: gone },
  no_service: { words: gone },
  no_service_id: { words: gone },
  no_team: { words: gone },
  invalid_token: { words: gone },
  team_disabled: { words: "this workspace of Slack is switched off" },
  // Of a bot.
  channel_not_found: {
    words: "there is no such channel, or the bot is not in it: invite the bot, and write the channel's id",
  },
  not_in_channel: { words: "the bot is not in the channel: invite it" },
  is_archived: { words: "the channel is archived" },
  invalid_auth: { words: wrongToken },
  not_authed: { words: wrongToken },
  token_revoked: { words: wrongToken },
  account_inactive: { words: wrongToken },
  missing_scope: { words: notAllowed },
  restricted_action: { words: "an administrator of Slack does not let the bot write to this channel" },
  msg_too_long: { words: "the message is too long", isRefused: true },
  ratelimited: { words: "too many messages: Slack takes one a second" },
  rate_limited: { words: "too many messages: Slack takes one a second" },
};

const answer = z.object({ ok: z.boolean(), error: z.string().optional() });

/** A channel of Slack: a webhook, or a bot, which has a token and writes to the channel `to`. No page is fetched. */
export const slack: Sender = {
  pictureBytes: 0,
  messagesASecond: 1,
  messagesFor: () => 1,
  async send({ title, lines }, target, deps) {
    const { url, secret, chat } = target;
    const text = fitting([`*${escaped(inMarkdown(title))}*`, ...lines.map(mrkdwnOf)], {
      between: "\n",
      bytes: textBytes,
    });
    const body = { text, unfurl_links: false, unfurl_media: false, ...(secret === null ? {} : { channel: chat }) };
    const headers = secret === null ? json : { ...json, authorization: `Bearer ${secret}` };
    const outgoing = { url, headers, body: JSON.stringify(body), ...reachOf(target, deps) };
    const { status, text: said, retryAfterMs } = await deps.post(outgoing, deps);
    const api = answer.safeParse(jsonIn(said)).data;
    if (status === 200 && (api?.ok === true || (secret === null && said === "ok")))
      return { status, failure: null, isRefused: false };
    const code = api?.error ?? (/^[a-z_]{2,40}$/.test(said) ? said : null);
    return failed("Slack", { status, code: code === "ok" ? null : code, said, retryAfterMs }, faults);
  },
};

/** Slack's own markup: only `&`, `<` and `>` are special in it once the signs of Markdown are full-width. */
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const mrkdwnOf = linesIn({
  words: escaped,
  value: (text) => escaped(inMarkdown(text)),
  link: ({ label, url }) => `<${escaped(url)}|${escaped(label)}>`,
});
