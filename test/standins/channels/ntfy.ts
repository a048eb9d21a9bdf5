import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const published = z.strictObject({
  topic: z.string().regex(/^[-\w]{1,64}$/),
  title: z.string(),
  message: z.string(),
  click: z.url().optional(),
  priority: z.int().min(1).max(5).optional(),
});

export interface Notification {
  title: string;
  message: string;
  priority: number;
  click: string | null;
  attachment: Buffer | null;
}

type Kept = Pick<z.output<typeof published>, "title" | "message" | "click" | "priority"> & {
  attachment: Buffer | null;
};

/** ntfy takes titles, and messages that are in a query, for headers of a mail, in which a word may be encoded. */
function decoded(text: string): string {
  return text.replaceAll(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, word: string) => Buffer.from(word, "base64").toString());
}

const refused = (status: number, code: number, error: string): RobotAnswer => ({
  status,
  body: { code, http: status, error },
});

/**
 * A server of ntfy: it checks the token, the topic, the limits of a message and a picture, and 60 requests a minute.
 */
export class NtfyServer extends WebStandIn {
  readonly topic = "gate-alerts-x7Kq29";
  readonly token = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";
  /** A user with a password, whom it lets in as well. */
  readonly user = "gate:password";
  readonly notifications: Notification[] = [];
  /** The largest picture in bytes; 0 if the server takes none. */
  attachmentBytes = 2 * 1024 * 1024;
  readonly #rate: Rate;

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#rate = new Rate(60, clock);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/${this.topic}`;
  }

  #take(request: RobotRequest): RobotAnswer {
    if (!this.#admits(request.headers.authorization)) return refused(403, 40301, "forbidden");
    if (!this.#rate.take()) return refused(429, 42901, "limit reached: too many requests");
    return request.method === "PUT" ? this.#upload(request) : this.#json(request);
  }

  #json({ url, body }: RobotRequest): RobotAnswer {
    const message = url.pathname === "/" ? published.safeParse(JSON.parse(body.toString())).data : undefined;
    if (message === undefined) return refused(400, 40024, "invalid request: request body must be valid JSON");
    if (message.topic !== this.topic) return refused(403, 40301, "forbidden");
    return this.#keep({ ...message, attachment: null });
  }

  #upload({ url, body }: RobotRequest): RobotAnswer {
    if (url.pathname !== `/${this.topic}`) return refused(403, 40301, "forbidden");
    if (this.attachmentBytes === 0) return refused(400, 40014, "invalid request: attachments not allowed");
    if (body.length > this.attachmentBytes) return refused(413, 41301, "attachment too large");
    const named = (name: string) => url.searchParams.get(name) ?? undefined;
    if (named("filename") === undefined) return refused(400, 40011, "invalid message: message must be UTF-8 encoded");
    const [title = "", click] = [named("title"), named("click")];
    const message = decoded((named("message") ?? "").replaceAll("\\n", "\n"));
    return this.#keep({ title, message, click, priority: Number(named("priority") ?? 3), attachment: body });
  }

  #keep({ title, message, click, priority, attachment }: Kept): RobotAnswer {
    if (Buffer.byteLength(message) > 4096) return refused(400, 40011, "message too long");
    this.notifications.push({
      title: decoded(title),
      message,
      click: click ?? null,
      priority: priority ?? 3,
      attachment,
    });
    return { body: { id: "a", event: "message" } };
  }

  #admits(authorization: string | undefined): boolean {
    const basic = `Basic ${Buffer.from(this.user).toString("base64")}`;
    return authorization === `Bearer ${this.token}` || authorization === basic;
  }
}
