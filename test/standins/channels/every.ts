import type { Channel } from "@gatepost/core/rules";
import { DingtalkRobot } from "./dingtalk.ts";
import { FeishuRobot } from "./feishu.ts";
import { mailParts } from "./mail-parts.ts";
import { MqttBroker } from "./mqtt.ts";
import { NtfyServer } from "./ntfy.ts";
import { SmtpServer } from "./smtp.ts";
import { WecomRobot } from "./wecom.ts";

/** An alert as it arrived at a channel: all its text, and the picture; null if the text has a link to it. */
interface Arrived {
  text: string;
  picture: Buffer | null;
}

/** A stand-in of a channel, and its name in a rule. */
interface OpenChannel {
  /** The target of a rule, without its secrets. */
  target: { type: Channel; to?: string; template: "zh" | "en" };
  secrets: { url: string; secret?: string };
  arrived(): Arrived[];
  /** Makes it accept nothing until it is repaired. */
  breakDown(): void;
  mend(): void;
  close(): Promise<void>;
}

type Open = (clock: () => number) => Promise<OpenChannel>;

/** Each channel that people are told over, with its stand-in. */
export const everyChannel: Readonly<Record<Channel, Open>> = {
  async wecom(clock) {
    const robot = await new WecomRobot(clock).listen();
    return {
      target: { type: "wecom", template: "zh" },
      secrets: { url: robot.url },
      arrived: () => robot.texts.map((text, at) => ({ text, picture: robot.pictures[at] ?? null })),
      ...ofWeb(robot),
    };
  },
  async dingtalk(clock) {
    const robot = await new DingtalkRobot(clock).listen();
    return {
      target: { type: "dingtalk", template: "zh" },
      secrets: { url: robot.url, secret: robot.secret },
      arrived: () => robot.messages.map(({ text }) => ({ text, picture: null })),
      ...ofWeb(robot),
    };
  },
  async feishu(clock) {
    const robot = await new FeishuRobot(clock).listen();
    return {
      target: { type: "feishu", template: "zh" },
      secrets: { url: robot.url, secret: robot.secret },
      arrived: () => robot.cards.map(({ title, text }) => ({ text: `${title}\n${text}`, picture: null })),
      ...ofWeb(robot),
    };
  },
  async ntfy(clock) {
    const server = await new NtfyServer(clock).listen();
    return {
      target: { type: "ntfy", template: "zh" },
      secrets: { url: server.url, secret: server.token },
      arrived: () =>
        server.notifications.map(({ title, message, attachment }) => ({
          text: `${title}\n${message}`,
          picture: attachment,
        })),
      ...ofWeb(server),
    };
  },
  async email() {
    const server = await new SmtpServer().listen();
    return {
      target: { type: "email", to: "guard@example.com,desk@example.com", template: "zh" },
      secrets: { url: server.url, secret: server.password },
      arrived: () => server.mails.map(({ data }) => mailParts(data)),
      breakDown: () => void server.troubles.set("MAIL", "451 4.3.0 try later"),
      mend: () => server.troubles.clear(),
      close: () => server.close(),
    };
  },
  async mqtt() {
    const broker = await new MqttBroker().listen();
    const onTopic = (topic: string) => broker.published.filter((one) => one.topic.endsWith(topic));
    return {
      target: { type: "mqtt", to: "site/gatepost", template: "zh" },
      secrets: { url: broker.url, secret: broker.password },
      arrived: () =>
        onTopic("/alert").map(({ payload }, at) => {
          const { title, text } = JSON.parse(`${payload}`) as Record<string, string>;
          return { text: `${title}\n${text}`, picture: onTopic("/picture")[at]?.payload ?? null };
        }),
      breakDown() {
        broker.refusal = 3;
      },
      mend() {
        broker.refusal = 0;
      },
      close: () => broker.close(),
    };
  },
};

function ofWeb(standIn: WecomRobot | DingtalkRobot | FeishuRobot | NtfyServer) {
  return {
    breakDown() {
      standIn.isDown = true;
    },
    mend() {
      standIn.isDown = false;
    },
    close: () => standIn.close(),
  };
}
