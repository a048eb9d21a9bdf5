import { createHash } from "node:crypto";
import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const sent = z.discriminatedUnion("msgtype", [
  z.strictObject({ msgtype: z.literal("markdown"), markdown: z.strictObject({ content: z.string().min(1) }) }),
  z.strictObject({ msgtype: z.literal("image"), image: z.strictObject({ base64: z.base64(), md5: z.string() }) }),
]);

const fault = (errcode: number, errmsg: string): RobotAnswer => ({ body: { errcode, errmsg } });

/** A group robot of WeCom: it checks the key, the limits of a message, the md5 of pictures, and 20 a minute. */
export class WecomRobot extends WebStandIn {
  readonly key = "693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa";
  readonly texts: string[] = [];
  readonly pictures: Buffer[] = [];
  /** A word that it accepts in no text, for which it answers an unknown code. */
  forbidden: string | null = null;
  readonly #rate: Rate;

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#rate = new Rate(20, clock);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/cgi-bin/webhook/send?key=${this.key}`;
  }

  #take({ method, url, headers, body }: RobotRequest): RobotAnswer {
    if (method !== "POST" || url.pathname !== "/cgi-bin/webhook/send") return { status: 404, body: {} };
    if (url.searchParams.get("key") !== this.key) return fault(93000, "invalid webhook url");
    if (!headers["content-type"]?.startsWith("application/json")) return fault(40058, "invalid content-type");
    const message = sent.safeParse(JSON.parse(body.toString())).data;
    if (message === undefined) return fault(40008, "invalid message type");
    if (!this.#rate.take()) return fault(45009, "api freq out of limit");
    if (message.msgtype === "markdown") return this.#text(message.markdown.content);
    const bytes = Buffer.from(message.image.base64, "base64");
    if (bytes.length > 2 * 1024 * 1024) return fault(40009, "invalid image size");
    if (createHash("md5").update(bytes).digest("hex") !== message.image.md5) return fault(301019, "md5 mismatch");
    this.pictures.push(bytes);
    return fault(0, "ok");
  }

  #text(content: string): RobotAnswer {
    if (Buffer.byteLength(content) > 4096) return fault(40058, "markdown.content exceed max length 4096");
    if (this.forbidden !== null && content.includes(this.forbidden)) return fault(88888, "content is not allowed");
    this.texts.push(content);
    return fault(0, "ok");
  }
}
