import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const sent = z.strictObject({
  channel: z.string().optional(),
  text: z.string().min(1).max(4000),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

/**
 * Slack: an incoming webhook, which answers with a text, and `chat.postMessage` of a bot, which answers 200 with `ok`.
 * It checks the URL, the token, the channel and one message a second.
 */
export class Slack extends WebStandIn {
  readonly hook = "T0AAAAAAA/B0BBBBBBB/abcdefghijklmnopqrstuvwx";
  readonly token = "xoxb-1111111111-2222222222-abcdefghijklmnop";
  readonly channel = "C0123456789";
  readonly texts: string[] = [];
  readonly #rate: Rate;

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#rate = new Rate(1, clock, 1000);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/services/${this.hook}`;
  }

  get api(): string {
    return `http://127.0.0.1:${this.port}/api/chat.postMessage`;
  }

  #take({ url, headers, body }: RobotRequest): RobotAnswer {
    const message = sent.safeParse(JSON.parse(body.toString())).data;
    const isFast = !this.#rate.take();
    if (url.pathname === `/services/${this.hook}`) {
      if (isFast) return { status: 429, headers: { "retry-after": "30" }, body: "rate_limited" };
      if (message === undefined) return { status: 400, body: "invalid_payload" };
      this.texts.push(message.text);
      return { body: "ok" };
    }
    if (url.pathname !== "/api/chat.postMessage") return { status: 404, body: "no_service" };
    if (isFast) return { status: 429, headers: { "retry-after": "30" }, body: { ok: false, error: "ratelimited" } };
    if (headers.authorization !== `Bearer ${this.token}`) return { body: { ok: false, error: "invalid_auth" } };
    if (message === undefined) return { body: { ok: false, error: "no_text" } };
    if (message.channel !== this.channel) return { body: { ok: false, error: "channel_not_found" } };
    this.texts.push(message.text);
    return { body: { ok: true, channel: this.channel, ts: "1763640000.000100" } };
  }
}
