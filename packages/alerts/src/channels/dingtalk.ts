import { createHmac } from "node:crypto";
import { fitting, markdownOf } from "../message/lines.ts";
import { inMarkdown } from "../message/safe.ts";
import { tellRobot } from "./robot.ts";
import type { Fault, Sender } from "./sending.ts";

/** Bytes of a message, less the markup around its text. docs/alerts.md#dingtalk */
const textBytes = 18_000;

const tooMany: Fault = { words: "too many messages: a robot takes 20 a minute, else none for 10 minutes" };

const faults: Readonly<Record<string, Fault>> = {
  [-1]: { words: "DingTalk is busy; it is tried again" },
  40035: { words: "the message is not JSON as DingTalk wants it", isRefused: true },
  43004: { words: "the message is not as DingTalk wants it", isRefused: true },
  300001: { words: "there is no robot with this access_token: copy the URL again" },
  310000: {
    words:
      "the robot's security settings do not let it in: correct the secret, this machine's clock, the keyword or the addresses",
  },
  130101: tooMany,
  400013: { words: "the group was dissolved: add a robot to another one" },
  400101: { words: "there is no robot with this access_token: copy the URL again" },
  400102: { words: "the robot is switched off" },
  400105: { words: "it does not know this type of message", isRefused: true },
  400106: { words: "the robot is not in the group any more" },
  410100: tooMany,
  430101: { words: "it does not take a link in the message", isRefused: true },
  430102: { words: "it does not take a word in the message, which may be a name", isRefused: true },
  430103: { words: "it does not take the picture", isRefused: true },
  430104: { words: "it does not take something in the message, which may be a name", isRefused: true },
};

/** A group robot of DingTalk: one message in Markdown, whose picture is a link that ends. */
export const dingtalk: Sender = {
  pictureBytes: 0,
  messagesFor: () => 1,
  async send(message, target, deps) {
    const url = signedUrl(target.url, target.secret, deps.clock());
    const title = inMarkdown(message.title);
    const picture = message.pictureUrl === null ? [] : [`![](${message.pictureUrl})`];
    const lines = [`#### ${title}`, ...message.lines.map(markdownOf), ...picture];
    const text = fitting(lines, { between: "\n\n", bytes: textBytes });
    const body = { msgtype: "markdown", markdown: { title, text }, at: { isAtAll: false } };
    return tellRobot({ channel: "DingTalk", faults }, { url, body }, target, deps);
  },
};

/** The robot's URL with a signature of this moment (ms since 1970); unchanged if there is no secret. */
function signedUrl(url: URL, secret: string | null, now: number): URL {
  if (secret === null) return url;
  const signed = new URL(url);
  const sign = createHmac("sha256", secret).update(`${now}\n${secret}`).digest("base64");
  signed.searchParams.set("timestamp", `${now}`);
  signed.searchParams.set("sign", sign);
  return signed;
}
