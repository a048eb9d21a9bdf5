import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { fitting, markdownOf } from "../message/lines.ts";
import { inMarkdown } from "../message/safe.ts";
import { type Fault, failed, json, reachOf, type Sender } from "./sending.ts";

/** Bytes of the text of a card, which with all around it may have 28 KB. docs/alerts.md#teams */
const textBytes = 20_000;

const again = "the workflow is gone or has another URL: copy the URL again";

const faults: Readonly<Record<string, Fault>> = {
  WorkflowNotFound: { words: again },
  WorkflowTriggerNotFound: { words: again },
  DirectApiAuthorizationRequired: { words: again },
  AuthorizationFailed: { words: again },
  WorkflowDisabled: { words: "the workflow is switched off" },
  WorkflowTriggerIsNotEnabled: { words: "the workflow is switched off" },
  WorkflowSuspended: { words: "the workflow was suspended: open it in Power Automate" },
  TriggerInputSchemaMismatch: {
    words: "the workflow does not take cards: make it of the template for webhook requests",
  },
  RequestEntityTooLarge: { words: "the message is too long", isRefused: true },
  429: { words: "too many messages: Teams takes four a second" },
};

const answer = z.object({ error: z.object({ code: z.string(), message: z.string().default("") }) });

/** A channel or chat of Teams, by a workflow that takes webhook requests: one Adaptive Card. */
export const teams: Sender = {
  pictureBytes: 0,
  messagesASecond: 4,
  messagesFor: () => 1,
  async send({ title, lines, isUrgent }, target, deps) {
    const text = fitting(lines.map(markdownOf), { between: "\n\n", bytes: textBytes });
    const block = (of: string, more: object) => ({ type: "TextBlock", text: of, wrap: true, ...more });
    const content = {
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.4",
      body: [
        block(inMarkdown(title), { weight: "Bolder", color: isUrgent ? "Attention" : "Default" }),
        ...(text === "" ? [] : [block(text, {})]),
      ],
    };
    const attachments = [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content }];
    const body = JSON.stringify({ type: "message", attachments });
    const outgoing = { url: target.url, headers: json, body, ...reachOf(target, deps) };
    const { status, text: said, retryAfterMs } = await deps.post(outgoing, deps);
    if (status === 200 || status === 202) return { status, failure: null, isRefused: false };
    const fault = answer.safeParse(jsonIn(said)).data?.error;
    const code = status === 429 ? "429" : (fault?.code ?? null);
    return failed("Teams", { status, code, said: fault?.message ?? "", retryAfterMs }, faults);
  },
};
