import { createHmac } from "node:crypto";
import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const hour = 60 * 60 * 1000;

const sent = z.strictObject({
  msgtype: z.literal("markdown"),
  markdown: z.strictObject({ title: z.string().min(1), text: z.string().min(1) }),
  at: z.strictObject({ isAtAll: z.literal(false) }),
});

const fault = (errcode: number, errmsg: string): RobotAnswer => ({ body: { errcode, errmsg } });

/** A group robot of DingTalk: it checks its token, the signature and its age, the size, and 20 a minute. */
export class DingtalkRobot extends WebStandIn {
  readonly token = "f1e2d3c4b5a697887766554433221100ffeeddccbbaa99887766554433221100";
  readonly secret = "SECd3ad9b1fa1c2b3d4";
  readonly messages: { title: string; text: string }[] = [];
  readonly #clock: () => number;
  readonly #rate: Rate;

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#clock = clock;
    this.#rate = new Rate(20, clock);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/robot/send?access_token=${this.token}`;
  }

  #take({ method, url, body }: RobotRequest): RobotAnswer {
    if (method !== "POST" || url.pathname !== "/robot/send") return { status: 404, body: {} };
    if (url.searchParams.get("access_token") !== this.token) return fault(300001, "token is not exist");
    const timestamp = url.searchParams.get("timestamp") ?? "";
    const expected = createHmac("sha256", this.secret).update(`${timestamp}\n${this.secret}`).digest("base64");
    if (!/^\d{13}$/.test(timestamp) || Math.abs(Number(timestamp) - this.#clock()) > hour)
      return fault(310000, "invalid timestamp");
    if (url.searchParams.get("sign") !== expected) return fault(310000, "sign not match");
    if (body.length > 20_000) return fault(40035, "message too long, exceed 20000 bytes");
    const message = sent.safeParse(JSON.parse(body.toString())).data;
    if (message === undefined) return fault(40035, "param error");
    if (!this.#rate.take()) return fault(130101, "send too fast, exceed 20 times per minute");
    this.messages.push(message.markdown);
    return fault(0, "ok");
  }
}
