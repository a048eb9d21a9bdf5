import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const sent = z.strictObject({
  chat_id: z.string(),
  text: z.string().min(1),
  parse_mode: z.literal("HTML"),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
  disable_notification: z.boolean(),
});

const fault = (status: number, description: string, more: object = {}): RobotAnswer => ({
  status,
  body: { ok: false, error_code: status, description, ...more },
});

/** The server of Telegram's bots: it checks token, chat, markup, length, one message a second and 20 a minute. */
export class TelegramServer extends WebStandIn {
  readonly token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
  readonly chat = "-1001234567890";
  readonly messages: { text: string; isSilent: boolean }[] = [];
  readonly #rates: Rate[];

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#rates = [new Rate(1, clock, 1000), new Rate(20, clock)];
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #take({ url, body }: RobotRequest): RobotAnswer {
    const [, bot, method] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    if (bot !== this.token) return fault(401, "Unauthorized");
    if (method !== "sendMessage") return fault(404, "Not Found");
    const message = sent.safeParse(JSON.parse(body.toString())).data;
    if (message === undefined) return fault(400, "Bad Request: message text is empty");
    if (message.chat_id !== this.chat) return fault(400, "Bad Request: chat not found");
    const text = textOf(message.text);
    if (text === null) return fault(400, "Bad Request: can't parse entities: Unsupported start tag");
    if ([...text].length > 4096) return fault(400, "Bad Request: message is too long");
    if (!this.#rates.every((rate) => rate.take()))
      return fault(429, "Too Many Requests: retry after 35", { parameters: { retry_after: 35 } });
    this.messages.push({ text: message.text, isSilent: message.disable_notification });
    return { body: { ok: true, result: { message_id: this.messages.length } } };
  }
}

/** The text of a message without its markup; null if that is none of Telegram's, or a tag stays open. */
function textOf(html: string): string | null {
  const text = html.replaceAll(/<b>([^<]*)<\/b>|<a href="[^"<>]*">([^<]*)<\/a>/g, (_, bold, link) => bold ?? link);
  return /[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text) ? null : text;
}
