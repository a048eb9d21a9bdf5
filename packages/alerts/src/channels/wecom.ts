import { createHash } from "node:crypto";
import { fitting, markdownOf } from "../message/lines.ts";
import { inMarkdown } from "../message/safe.ts";
import { tellRobot } from "./robot.ts";
import { type Fault, type Sender, unanswered } from "./sending.ts";

/** Bytes of the text of one message. docs/alerts.md#wecom */
const textBytes = 4096;

const faults: Readonly<Record<string, Fault>> = {
  [-1]: { words: "WeCom is busy; it is tried again" },
  40008: { words: "it does not know this type of message", isRefused: true },
  40009: { words: "the picture is too large: 2 MB at most", isRefused: true },
  40058: { words: "something in the message is not as WeCom wants it", isRefused: true },
  44004: { words: "the message is empty", isRefused: true },
  45002: { words: "the message is too long", isRefused: true },
  45009: { words: "too many messages: a robot takes 20 a minute" },
  45033: { words: "too many messages at the same time" },
  93000: { words: "the robot's URL is not right, or the robot was removed from its group: copy the URL again" },
  93004: { words: "the robot is switched off" },
  93008: { words: "the robot is not in the group" },
  301019: { words: "the picture was damaged on its way", isRefused: true },
};

/** A group robot of WeCom: a message in Markdown, and the picture as a second one. */
export const wecom: Sender = {
  pictureBytes: 2 * 1024 * 1024,
  messagesFor: ({ picture }) => (picture === null ? 1 : 2),
  async send(message, target, deps) {
    const sendOne = (body: object) => tellRobot({ channel: "WeCom", faults }, { body }, target, deps);
    const lines = [`**${inMarkdown(message.title)}**`, ...message.lines.map(markdownOf)];
    const content = fitting(lines, { between: "\n", bytes: textBytes });
    const sentText = await sendOne({ msgtype: "markdown", markdown: { content } });
    if (sentText.failure !== null || message.picture === null) return sentText;
    const { bytes } = message.picture;
    const md5 = createHash("md5").update(bytes).digest("hex");
    // The text has arrived: sending it again for the picture would repeat the whole alert.
    const shown = await sendOne({ msgtype: "image", image: { base64: bytes.toString("base64"), md5 } }).catch(
      (error: unknown) => unanswered(error, target),
    );
    return shown.failure === null ? sentText : { ...sentText, warning: `the picture was not taken: ${shown.failure}` };
  },
};
