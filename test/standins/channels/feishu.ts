import { createHmac } from "node:crypto";
import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const sent = z.strictObject({
  timestamp: z.string().regex(/^\d{10}$/),
  sign: z.string(),
  msg_type: z.literal("interactive"),
  card: z.looseObject({
    header: z.looseObject({ title: z.strictObject({ tag: z.literal("plain_text"), content: z.string() }) }),
    elements: z.tuple([
      z.strictObject({
        tag: z.literal("div"),
        text: z.strictObject({ tag: z.literal("lark_md"), content: z.string() }),
      }),
    ]),
  }),
});

const fault = (code: number, msg: string): RobotAnswer => ({ body: { code, msg, data: {} } });

/** A group robot of Feishu: it checks its hook, the signature and its age, the size, 100 a minute and 5 a second. */
export class FeishuRobot extends WebStandIn {
  readonly hook = "0f1e2d3c-4b5a-6978-8776-655443322110";
  readonly secret = "b4nPzG1UqLwR7cXyE2";
  readonly cards: { title: string; text: string }[] = [];
  readonly #clock: () => number;
  readonly #rate: Rate;
  readonly #rateOfSecond: Rate;

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#clock = clock;
    this.#rate = new Rate(100, clock);
    this.#rateOfSecond = new Rate(5, clock, 1000);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/open-apis/bot/v2/hook/${this.hook}`;
  }

  #take({ url, body }: RobotRequest): RobotAnswer {
    if (url.pathname !== `/open-apis/bot/v2/hook/${this.hook}`)
      return fault(19001, "param invalid: incoming webhook access token invalid");
    if (body.length > 20 * 1024) return { status: 400, body: { code: 9499, msg: "Bad Request" } };
    const message = sent.safeParse(JSON.parse(body.toString())).data;
    if (message === undefined) return { status: 400, body: { code: 9499, msg: "Bad Request" } };
    const { timestamp, sign, card } = message;
    const expected = createHmac("sha256", `${timestamp}\n${this.secret}`).digest("base64");
    const isOfNow = Math.abs(Number(timestamp) * 1000 - this.#clock()) <= 60 * 60 * 1000;
    if (sign !== expected || !isOfNow) {
      return fault(19021, "sign match fail or timestamp is not within one hour from current time");
    }
    if (!this.#rateOfSecond.take() || !this.#rate.take())
      return fault(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]");
    this.cards.push({ title: card.header.title.content, text: card.elements[0].text.content });
    return fault(0, "success");
  }
}
