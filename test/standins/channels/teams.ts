import * as z from "zod";
import { Rate, type RobotAnswer, type RobotRequest, WebStandIn } from "./web.ts";

const block = z.looseObject({ type: z.literal("TextBlock"), text: z.string().min(1), wrap: z.literal(true) });

const sent = z.strictObject({
  type: z.literal("message"),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal("application/vnd.microsoft.card.adaptive"),
      contentUrl: z.null(),
      content: z.looseObject({
        type: z.literal("AdaptiveCard"),
        version: z.literal("1.4"),
        body: z.array(block).min(1),
      }),
    }),
  ]),
});

const fault = (status: number, code: string, message = ""): RobotAnswer => ({
  status,
  body: { error: { code, message } },
});

/** A workflow of Teams that takes webhook requests: it checks its signature, the card, 28 KB and four a second. */
export class TeamsWorkflow extends WebStandIn {
  readonly signature = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWo";
  readonly cards: string[] = [];
  readonly #rate: Rate;

  constructor(clock: () => number) {
    super((request) => this.#take(request));
    this.#rate = new Rate(4, clock, 1000);
  }

  get url(): string {
    const path = "/workflows/0a1b2c3d4e5f/triggers/manual/paths/invoke";
    return `http://127.0.0.1:${this.port}${path}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${this.signature}`;
  }

  #take({ url, body }: RobotRequest): RobotAnswer {
    if (!url.pathname.startsWith("/workflows/0a1b2c3d4e5f/")) return fault(404, "WorkflowNotFound");
    if (url.searchParams.get("sig") !== this.signature) return fault(401, "DirectApiAuthorizationRequired");
    if (body.length > 28 * 1024) return fault(413, "RequestEntityTooLarge");
    const message = sent.safeParse(JSON.parse(body.toString())).data;
    if (message === undefined) return fault(400, "TriggerInputSchemaMismatch");
    if (!this.#rate.take()) return { ...fault(429, "TooManyRequests"), headers: { "retry-after": "20" } };
    this.cards.push(message.attachments[0].content.body.map(({ text }) => text).join("\n"));
    return { status: 202, body: "" };
  }
}
