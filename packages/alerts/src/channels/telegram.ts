import { inHtml } from "@gatepost/core/html";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { fitting, htmlLink, linesIn } from "../message/lines.ts";
import { inMarkdown } from "../message/safe.ts";
import { type Fault, failed, json, reachOf, type Sender } from "./sending.ts";

/** Bytes of a text. Telegram takes 4,096 characters after its markup is read. docs/alerts.md#telegram */
const textBytes = 4096;

const removed = "the bot was removed from the chat, or blocked: add it again";

/** By the status, and by the words of a description that has no code of its own. */
const faults: Readonly<Record<string, Fault>> = {
  401: { words: "the token is wrong or was revoked: copy it from @BotFather, as secret" },
  403: { words: removed },
  404: { words: "the token is wrong, or the url is no server of this API" },
  429: { words: "too many messages: Telegram takes one a second for a chat, and 20 a minute for a group" },
  "chat not found": {
    words: "there is no such chat, or the bot is not in it: add the bot, and write the chat's number",
  },
  "group chat was upgraded to a supergroup chat": { words: "the group has another number now: write it as to" },
  "not enough rights": { words: "the bot may not write in this chat: let it" },
  "have no rights": { words: "the bot may not write in this chat: let it" },
  "message text is empty": { words: "the message is empty", isRefused: true },
  "message is too long": { words: "the message is too long", isRefused: true },
  "can't parse entities": { words: "the message is not as Telegram wants it", isRefused: true },
};

const answer = z.object({
  ok: z.boolean(),
  description: z.string().default(""),
  parameters: z.object({ retry_after: z.number().min(0).optional() }).optional(),
});

/** A chat of Telegram, to which a bot writes. No page of a link is fetched. */
export const telegram: Sender = {
  pictureBytes: 0,
  messagesASecond: 1,
  messagesFor: () => 1,
  async send({ title, lines, isUrgent }, target, deps) {
    const url = new URL(`${target.url.pathname.replace(/\/$/, "")}/bot${target.secret}/sendMessage`, target.url);
    const text = fitting([`<b>${shownOf(title)}</b>`, ...lines.map(htmlLineOf)], { between: "\n", bytes: textBytes });
    const body = {
      chat_id: target.chat,
      text,
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
      disable_notification: !isUrgent,
    };
    const outgoing = { url, headers: json, body: JSON.stringify(body), ...reachOf(target, deps) };
    const reply = await deps.post(outgoing, deps);
    const { status } = reply;
    const api = answer.safeParse(jsonIn(reply.text)).data;
    if (status === 200 && api?.ok === true) return { status, failure: null, isRefused: false };
    const said = api?.description ?? "";
    const code = Object.keys(faults).find((words) => said.toLowerCase().includes(words)) ?? `${status}`;
    const asked = (api?.parameters?.retry_after ?? 0) * 1000;
    const refusal = {
      status,
      code: code in faults ? code : null,
      said,
      retryAfterMs: Math.max(reply.retryAfterMs, asked),
    };
    return failed("Telegram", refusal, faults);
  },
};

/** Text of a box: its signs of Markdown are full-width, so that no name mentions, tags or commands anything. */
const shownOf = (text: string) => inHtml(inMarkdown(text).replaceAll("/", "／"));

const htmlLineOf = linesIn({ words: inHtml, value: shownOf, link: htmlLink });
