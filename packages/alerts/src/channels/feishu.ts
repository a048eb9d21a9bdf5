import { createHmac } from "node:crypto";
import { fitting, markdownOf } from "../message/lines.ts";
import { tellRobot } from "./robot.ts";
import type { Fault, Sender } from "./sending.ts";

/** Bytes of the text of a card, which with all around it may have 20 KB. docs/alerts.md#feishu */
const textBytes = 16_000;

const faults: Readonly<Record<string, Fault>> = {
  9499: { words: "the message is not as Feishu wants it", isRefused: true },
  11232: { words: "too many messages: a robot takes 100 a minute and 5 a second" },
  19001: { words: "the robot's URL is not right, or the robot was removed from its group: copy the URL again" },
  19021: { words: "the secret is another one, or this machine's clock is an hour off" },
  19022: { words: "this machine's address is not in the list of the robot" },
  19024: { words: "none of the robot's keywords is in the text: put one into the template" },
};

/** A group robot of Feishu or Lark: one card, which has a link to the picture. */
export const feishu: Sender = {
  pictureBytes: 0,
  messagesASecond: 5,
  messagesFor: () => 1,
  async send(message, target, deps) {
    const content = fitting(message.lines.map(markdownOf), { between: "\n", bytes: textBytes });
    const card = {
      config: { wide_screen_mode: true },
      header: {
        title: { tag: "plain_text", content: message.title },
        template: message.isUrgent ? "red" : "blue",
      },
      elements: [{ tag: "div", text: { tag: "lark_md", content } }],
    };
    const signed = signature(target.secret, deps.clock());
    const body = { ...signed, msg_type: "interactive", card };
    return tellRobot({ channel: "Feishu", faults }, { body }, target, deps);
  },
};

/** The members that sign a message of this moment (ms since 1970). The text is the key, and nothing is what it signs. */
function signature(secret: string | null, now: number): { timestamp?: string; sign?: string } {
  if (secret === null) return {};
  const timestamp = `${Math.floor(now / 1000)}`;
  return { timestamp, sign: createHmac("sha256", `${timestamp}\n${secret}`).update("").digest("base64") };
}
