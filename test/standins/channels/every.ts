import type { Channel } from "@gatepost/core/rules";
import { DingtalkRobot } from "./dingtalk.ts";
import { FeishuRobot } from "./feishu.ts";
import { mailParts } from "./mail-parts.ts";
import { MqttBroker } from "./mqtt.ts";
import { NtfyServer } from "./ntfy.ts";
import { Slack } from "./slack.ts";
import { SmtpServer } from "./smtp.ts";
import { TeamsWorkflow } from "./teams.ts";
import { TelegramServer } from "./telegram.ts";
import type { WebStandIn } from "./web.ts";
import { WecomRobot } from "./wecom.ts";

/** An alert as it arrived at a channel: all its text, and the picture; null if the text has a link to it. */
interface Arrived {
  text: string;
  picture: Buffer | null;
}

/** A stand-in of a channel, and its name in a rule. */
interface OpenChannel {
  /** The target of a rule, without its secrets. */
  target: { type: Channel; to?: string; template: string };
  secrets: { url: string; secret?: string };
  arrived(): Arrived[];
  /** Makes it accept nothing until it is repaired. */
  breakDown(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Of channels that show a picture only if they are asked to. */
const withPicture = "人员：{who}\n{picture}";

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
  async slack(clock) {
    const server = await new Slack(clock).listen();
    return {
      target: { type: "slack", to: server.channel, template: withPicture },
      secrets: { url: server.api, secret: server.token },
      arrived: () => server.texts.map((text) => ({ text, picture: null })),
      ...ofWeb(server),
    };
  },
  async telegram(clock) {
    const server = await new TelegramServer(clock).listen();
    return {
      target: { type: "telegram", to: server.chat, template: withPicture },
      secrets: { url: server.url, secret: server.token },
      arrived: () => server.messages.map(({ text }) => ({ text, picture: null })),
      ...ofWeb(server),
    };
  },
  async teams(clock) {
    const workflow = await new TeamsWorkflow(clock).listen();
    return {
      target: { type: "teams", template: withPicture },
      secrets: { url: workflow.url },
      arrived: () => workflow.cards.map((text) => ({ text, picture: null })),
      ...ofWeb(workflow),
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

function ofWeb(standIn: WebStandIn) {
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
