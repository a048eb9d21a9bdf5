import { describe, expect, it } from "vitest";
import { titleOf } from "../../../packages/alerts/src/message/message.ts";
import { inMarkdown, printable } from "../../../packages/alerts/src/message/safe.ts";
import { noon } from "../../contract/samples.ts";
import { DingtalkRobot } from "../../standins/channels/dingtalk.ts";
import { FeishuRobot } from "../../standins/channels/feishu.ts";
import { NtfyServer } from "../../standins/channels/ntfy.ts";
import { Slack } from "../../standins/channels/slack.ts";
import { TeamsWorkflow } from "../../standins/channels/teams.ts";
import { TelegramServer } from "../../standins/channels/telegram.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { hostileNames, links, listening, message, send, subject } from "./support.ts";

const clock = () => noon;

/** Parts that apps turn into links, or decoders into other text. */
const linking = /:\/\/|[\p{L}\p{N}]\.\p{L}{2}|=\?|\d\.\d+\//u;

/** The rest of a message in Markdown, without Gatepost's own marks and links. */
function withoutOwn(text: string): string {
  const own = [links.event, links.picture, links.mute].map((url) => `](${url})`);
  const bare = own.reduce((left, link) => left.replaceAll(link, ""), text);
  return bare
    .replace(/^(\*\*|#### )(.*?)(\*\*)?$/m, "$2")
    .replaceAll("![", "")
    .replaceAll(/^\[/gm, "");
}

describe.each(hostileNames.map((name) => [name.slice(0, 30), name]))("a person named %j", (_, name) => {
  const about = subject({ name, type: "vip" }, { name });

  it("the name has no effect in WeCom", async () => {
    const robot = await listening(new WecomRobot(clock));
    const to = { type: "wecom", url: robot.url };
    expect((await send(to, message(to, about))).failure).toBeNull();
    expect(withoutOwn(robot.texts[0] ?? "")).not.toMatch(/[*`[\]<>@#|~_\\]/);
    expect(withoutOwn(robot.texts[0] ?? "")).not.toMatch(linking);
  });

  it("is only a name to DingTalk", async () => {
    const robot = await listening(new DingtalkRobot(clock));
    const to = { type: "dingtalk", url: robot.url, secret: robot.secret };
    expect((await send(to, message(to, about))).failure).toBeNull();
    expect(withoutOwn(robot.messages[0]?.text ?? "")).not.toMatch(/[*`[\]<>@#|~_\\]/);
    expect(withoutOwn(robot.messages[0]?.text ?? "")).not.toMatch(linking);
    expect(robot.messages[0]?.title).not.toMatch(/[@<>]/);
  });

  it("the name has no effect in Feishu", async () => {
    const robot = await listening(new FeishuRobot(clock));
    const to = { type: "feishu", url: robot.url, secret: robot.secret };
    expect((await send(to, message(to, about))).failure).toBeNull();
    expect(withoutOwn(robot.cards[0]?.text ?? "")).not.toMatch(/[*`[\]<>@#|~_\\]/);
    expect(withoutOwn(robot.cards[0]?.text ?? "")).not.toMatch(linking);
  });

  it("is only a name to Slack", async () => {
    const server = await listening(new Slack(clock));
    const to = { type: "slack", url: server.url };
    expect((await send(to, message(to, about))).failure).toBeNull();
    const text = withoutOwn(server.texts[0] ?? "")
      .replaceAll(/^<https[^>|]*\|[^>]*>$/gm, "")
      .replace(/^\*(.*)\*$/m, "$1");
    expect(text).not.toMatch(/[*`<>@#|~_\\]/);
    expect(text).not.toMatch(linking);
  });

  it("is only a name to Telegram", async () => {
    const server = await listening(new TelegramServer(clock));
    const to = { type: "telegram", url: server.url, secret: server.token, to: server.chat };
    expect((await send(to, message(to, about))).failure).toBeNull();
    const text = (server.messages[0]?.text ?? "").replaceAll(/<a href="[^"]*">[^<]*<\/a>|<\/?b>/g, "");
    expect(text).not.toMatch(/[*`<>@#|~_\\/]/);
    expect(text).not.toMatch(linking);
  });

  it("is only a name to Teams", async () => {
    const workflow = await listening(new TeamsWorkflow(clock));
    const to = { type: "teams", url: workflow.url };
    expect((await send(to, message(to, about))).failure).toBeNull();
    expect(withoutOwn(workflow.cards[0] ?? "")).not.toMatch(/[*`[\]<>@#|~_\\]/);
    expect(withoutOwn(workflow.cards[0] ?? "")).not.toMatch(linking);
  });

  it("is only a name to ntfy", async () => {
    const server = await listening(new NtfyServer(clock));
    const to = { type: "ntfy", url: server.url, secret: server.token };
    expect((await send(to, message(to, about))).failure).toBeNull();
    expect((await send(to, message(to, about, { picture: null }))).failure).toBeNull();
    for (const { title, message: text, click } of server.notifications) {
      expect(title).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      const own = [links.event, links.mute].reduce((left, link) => left.replaceAll(` ${link}`, ""), text);
      expect(`${title}\n${own}`).not.toMatch(linking);
      expect(text.split("\n")).toHaveLength(5);
      expect(click).toBe(links.event);
    }
  });
});

it.each([" ", "\u3000", "\u200b", "\u202e"])(
  "a person named %j is shown by the id, and the device by its address",
  (name) => {
    const unnamed = subject({ name }, { name, ip: "10.0.0.7" });
    expect([titleOf(unnamed, "en"), unnamed.device]).toEqual(["Passing: 666666", "10.0.0.7"]);
    expect(titleOf(subject({ id: " ", name }), "en")).toBe("Passing: somebody unknown");
  },
);

describe("a text from a box", () => {
  it("a text from a box is one line of 80 characters, without invisible ones", () => {
    expect(printable("a\u0000b\r\nc\u2028d‮e​f  g")).toBe("a b c def g");
    expect([...printable("名".repeat(1000))]).toHaveLength(80);
    expect(printable("\ud800x")).toBe("\ufffdx");
    expect(printable("😀".repeat(100)).isWellFormed()).toBe(true);
  });

  it("a text from a box gives no link in any app, and looks unchanged", () => {
    expect(printable("www.evil.test:80/x a@b.test 10.0.0.7:80")).toBe("www․evil․test:80/x a@b․test 10․0․0․7:80");
    expect(printable("evil。com evil．com evil｡com 😀.ws a).भारत 1．2.3.4:80")).toBe(
      "evil․com evil․com evil․com 😀․ws a)․भारत 1․2․3․4:80",
    );
    expect(printable("J. R. Smith, Ph.D. 0.93 gate-1.2 192.168.1.60")).toBe(
      "J. R. Smith, Ph.D. 0.93 gate-1.2 192.168.1.60",
    );
    expect(printable("=?UTF-8?B?eA==?=")).toBe("=？UTF-8?B?eA==？=");
  });

  it("a text from a box stays readable in Markdown", () => {
    expect(inMarkdown("O'Neil-Smith, J. (小明) 100%")).toBe("O'Neil-Smith, J. （小明） 100%");
    expect(inMarkdown("@all <b>*x*</b> [a](http://b)")).toBe("＠all ＜b＞＊x＊＜/b＞ ［a］（http：//b）");
  });
});
