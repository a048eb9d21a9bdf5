import { Zone } from "@gatepost/core/zones";
import { targetHeard } from "@gatepost/protocol";
import { expect, it, onTestFinished } from "vitest";
import { folded } from "../../../packages/alerts/src/gate/summary-state.ts";
import { plainOf } from "../../../packages/alerts/src/message/lines.ts";
import { messageOf } from "../../../packages/alerts/src/message/message.ts";
import { type Subject, subjectOf } from "../../../packages/alerts/src/message/subject.ts";
import { summaryMessage } from "../../../packages/alerts/src/summary-message.ts";
import { noon } from "../../contract/samples.ts";
import { everyChannel } from "../../standins/channels/every.ts";
import { hostileNames, message, send, target } from "./support.ts";

const zone = Zone.find("Asia/Shanghai") ?? Zone.utc;
const reason =
  "Slack channel_not_found: there is no such channel, or the bot is not in it: invite the bot, and write the channel's id";
const inChinese = "Slack channel_not_found: 没有此频道，或机器人不在其中：请邀请机器人，并填写频道的编号";
const hourMs = 3_600_000;

/** The subject of an entry, as it is announced an hour after the first failure. */
async function about(detailType: "Target Failing" | "Target Recovered", detail: object = {}): Promise<Subject> {
  const since = new Date(noon).toISOString();
  const entry = targetHeard(detailType, {
    rule: "door",
    since,
    tries: 9,
    reason,
    waiting: 3,
    at: noon + hourMs,
    ...detail,
  });
  const { id, time, detail: told } = entry;
  const subject = await subjectOf({ id, time, "detail-type": detailType, detail: told }, async () => null);
  if (subject === null) throw new Error("no subject");
  return subject;
}

const links = { event: null, picture: null, mute: null };

/** The text of an alert. */
const textOf = (subject: Subject, template: string) => {
  const { template: read } = target({ type: "ntfy", url: "https://ntfy.sh/x", template });
  const { title, lines } = messageOf(subject, {
    rule: "office",
    target: { template: read },
    zone,
    links,
    picture: null,
  });
  return [title, ...lines.map(plainOf)];
};

it.each([
  [
    "Target Failing",
    "en",
    [
      "Target failing: door",
      "Rule: door",
      `Reason: ${reason}`,
      "Nothing taken since 2026-11-20 20:00:00 +08:00; 3 entries wait",
    ],
  ],
  [
    "Target Failing",
    "zh",
    [
      "规则的目标无法送达：door",
      "规则：door",
      `原因：${inChinese}`,
      "自 2026-11-20 20:00:00 +08:00 起什么都没收下，3 条在等待",
    ],
  ],
  [
    "Target Recovered",
    "en",
    [
      "Target recovered: door",
      "Rule: door",
      `Reason: ${reason}`,
      "Recovered at 2026-11-20 21:00:00 +08:00 (nothing taken since 2026-11-20 20:00:00 +08:00); 3 entries wait",
    ],
  ],
  [
    "Target Recovered",
    "zh",
    [
      "规则的目标已恢复：door",
      "规则：door",
      `原因：${inChinese}`,
      "2026-11-20 21:00:00 +08:00 恢复（自 2026-11-20 20:00:00 +08:00 起没有收下），3 条在等待",
    ],
  ],
] as const)("%s is told in %s with its rule, its reason, its time and what waits", async (type, language, lines) => {
  expect(textOf(await about(type), language)).toEqual(lines);
  expect(textOf(await about(type), `{who} {where} {when} ${language === "zh" ? "您" : ""}`)).toEqual(lines);
});

it.each([
  ["answered 503", "返回 503"],
  ["no answer within 10000 ms", "10 秒内没有应答"],
  ["read ECONNRESET", "无法连接（read ECONNRESET）"],
  ["closed without an answer", "对方没有应答就关闭了连接"],
  ['Telegram answered 500: it says "no bot; (x)"', 'Telegram 500: 对方说 "no bot; (x)"'],
  [
    "Telegram chat not found: there is no such chat, or the bot is not in it: add the bot, and write the chat's number",
    "Telegram chat not found: 没有此聊天，或机器人不在其中：请添加机器人，并填写聊天的号码",
  ],
  [
    "Telegram can't parse entities: the message is not as Telegram wants it",
    "Telegram can't parse entities: 消息格式不符合 Telegram 的要求",
  ],
  [
    "Telegram group chat was upgraded to a supergroup chat: the group has another number now: write it as to",
    "Telegram group chat was upgraded to a supergroup chat: 群的号码已变：请填入 to",
  ],
  [
    "self-signed certificate: give the certificate of its authority as ca",
    "证书是自签名的：请在 ca 中给出其颁发机构的证书",
  ],
  ["something that a proxy says", "something that a proxy says"],
])("says in Chinese: %s", async (said, chinese) => {
  const failed = await about("Target Failing", { reason: said });
  expect(textOf(failed, "zh")).toContain(`原因：${chinese}`);
  expect(textOf(failed, "en")).toContain(`Reason: ${said}`);
  const summary = folded(null, { reason: "quiet", subject: failed, now: noon, until: noon + 1 });
  const items = [{ subject: failed, url: null }];
  const text = summaryMessage(summary, { rule: "office", language: "zh", zone, items }).lines.map(plainOf).join("\n");
  expect(text).toContain(chinese);
});

it("counts one waiting entry as one, and none that is unknown", async () => {
  expect(textOf(await about("Target Failing", { waiting: 1 }), "en").at(-1)).toMatch(/; 1 entry waits$/);
  expect(textOf(await about("Target Failing", { waiting: null }), "en").at(-1)).toMatch(/\+08:00$/);
});

it.each(["zh", "en"] as const)("a summary in %s names targets, and no boxes of their names", async (language) => {
  const subjects = [await about("Target Failing"), await about("Target Recovered", { rule: "gate" })];
  const summary = subjects.reduce<Parameters<typeof folded>[0]>(
    (before, subject) => folded(before, { reason: "quiet", subject, now: noon, until: noon + 1 }),
    null,
  );
  if (summary === null) throw new Error("no summary");
  expect(summary.items).toMatchObject([{ target: { reason, waiting: 3 } }, { box: "gate" }]);
  const items = subjects.map((subject) => ({ subject, url: null }));
  const text = summaryMessage(summary, { rule: "office", language, zone, items }).lines.map(plainOf).join("\n");
  expect(text).toContain("channel_not_found");
  expect(text).toContain(language === "zh" ? "3 条在等待" : "3 entries wait");
  expect(text).not.toMatch(language === "zh" ? /盒子|未知设备/ : /\bbox\b|unknown device/);
});

it.each(Object.entries(everyChannel))("%s gets it, with what a remote said made harmless", async (_, open) => {
  const channel = await open(() => noon);
  onTestFinished(() => channel.close());
  const to = { ...channel.target, ...channel.secrets, template: "en" };
  const failed = await about("Target Failing", { reason: `answered 500: ${hostileNames.slice(0, 3).join(" ")}` });
  expect(await send(to, message(to, failed, { withPicture: false }))).toMatchObject({ failure: null });
  const text = JSON.stringify(channel.arrived());
  expect(text).toMatch(/3 entries wait/);
  expect(text).not.toMatch(/box door|unknown device|http:\/\/evil/);
});
