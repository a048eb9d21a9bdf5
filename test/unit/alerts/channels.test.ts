import { describe, expect, it } from "vitest";
import type { SendDeps } from "../../../packages/alerts/src/channels/sending.ts";
import { noon } from "../../contract/samples.ts";
import { DingtalkRobot } from "../../standins/channels/dingtalk.ts";
import { FeishuRobot } from "../../standins/channels/feishu.ts";
import { NtfyServer } from "../../standins/channels/ntfy.ts";
import { Slack } from "../../standins/channels/slack.ts";
import { TeamsWorkflow } from "../../standins/channels/teams.ts";
import { TelegramServer } from "../../standins/channels/telegram.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { links, listening, message, picture, send, sending, subject } from "./support.ts";

const clock = () => noon;
const taken = { failure: null, isRefused: false };

describe("a robot of WeCom", () => {
  const open = async () => {
    const robot = await listening(new WecomRobot(clock));
    return { robot, to: { type: "wecom", url: robot.url } };
  };

  it("receives person, place, time and links as Markdown, and the picture as another message", async () => {
    const { robot, to } = await open();
    expect(await send(to)).toMatchObject(taken);
    expect(robot.texts).toEqual([
      [
        "**人员通行：小明**",
        "人员：小明（VIP）",
        "地点：东门 · 盒子 gate-1",
        "时间：2026-11-20 20:00:00 +08:00",
        `[查看通行记录](${links.event})`,
        `[将此人静音 1 小时](${links.mute})`,
      ].join("\n"),
    ]);
    expect(robot.pictures).toEqual([picture.bytes]);
  });

  it("receives a text up to its limit, cut at a whole character", async () => {
    const { robot, to } = await open();
    const lines = Array.from({ length: 200 }, (_, n) => [{ words: `第 ${n} 行，${"字".repeat(20)}` }]);
    expect(await send(to, { ...message(to), lines })).toMatchObject(taken);
    expect(Buffer.byteLength(robot.texts[0] ?? "")).toBeGreaterThan(4000);
    expect(robot.texts[0]).toMatch(/字$/);
  });

  it("its reason is quoted in one line of 120 characters", async () => {
    const { robot, to } = await open();
    robot.troubles.push({ body: { errcode: 77777, errmsg: `\u001b[2J\n\u202e${"x".repeat(500)}` } });
    expect((await send(to)).failure).toBe(`WeCom 77777: it says " [2J  ${"x".repeat(114)}"`);
  });

  it("an alert counts as sent if the text was taken and the picture was not", async () => {
    const { robot, to } = await open();
    robot.troubles.push({ body: { errcode: 0, errmsg: "ok" } }, { body: { errcode: 301019, errmsg: "md5" } });
    const sent = await send(to);
    expect(sent).toMatchObject({
      ...taken,
      warning: "the picture was not taken: WeCom 301019: the picture was damaged on its way",
    });
  });

  it("a failed picture does not repeat the alert, because the text was taken", async () => {
    const { robot, to } = await open();
    const cutting: SendDeps = {
      ...sending,
      post: (outgoing, limits) =>
        robot.texts.length === 0 ? sending.post(outgoing, limits) : Promise.reject(new Error("cut")),
    };
    const warning = "the picture was not taken: cut";
    expect(await send(to, message(to), cutting)).toMatchObject({ ...taken, warning });
  });

  it("a code of 0 from a proxy with another status is a failure", async () => {
    const { robot, to } = await open();
    robot.troubles.push({ status: 502, body: { errcode: 0 } });
    expect(await send(to)).toMatchObject({
      status: 502,
      failure: expect.stringMatching(/^WeCom 0: /),
      isRefused: false,
    });
  });

  it.each([
    [45009, /^WeCom 45009: too many messages: a robot takes 20 a minute$/, false],
    [93000, /^WeCom 93000: the robot's URL is not right/, false],
    [40058, /^WeCom 40058: something in the message/, true],
    [-1, /^WeCom -1: WeCom is busy/, false],
    [77777, /^WeCom 77777: it says "what is this"$/, true],
  ])("says %i in words", async (errcode, words, isRefused) => {
    const { robot, to } = await open();
    robot.troubles.push({ body: { errcode, errmsg: "what is this" } });
    const sent = await send(to);
    expect(sent.failure).toMatch(words);
    expect(sent.isRefused).toBe(isRefused);
  });

  it("an answer in another form is a failure", async () => {
    const { robot, to } = await open();
    robot.troubles.push({ body: "<html>" }, { status: 404, body: {} }, { status: 502, body: null });
    for (const status of [200, 404, 502]) {
      expect(await send(to)).toMatchObject({
        failure: expect.stringContaining(`answered ${status}`),
        isRefused: false,
      });
    }
  });

  it("a 21st message in a minute is refused", async () => {
    const { to } = await open();
    const only = message(to, subject(), { picture: null });
    for (let n = 0; n < 20; n++) expect(await send(to, only)).toMatchObject(taken);
    expect((await send(to, only)).failure).toMatch(/^WeCom 45009/);
  });
});

describe("a robot of DingTalk", () => {
  const open = async (secret?: string) => {
    const robot = await listening(new DingtalkRobot(clock));
    return { robot, to: { type: "dingtalk", url: robot.url, secret: secret ?? robot.secret } };
  };

  it("receives a signed Markdown message with a link to the picture, and mentions no one", async () => {
    const { robot, to } = await open();
    expect(await send(to)).toMatchObject(taken);
    expect(robot.messages).toHaveLength(1);
    expect(robot.messages[0]?.title).toBe("人员通行：小明");
    expect(robot.messages[0]?.text).toContain(`\n\n![](${links.picture})`);
  });

  it("refuses a message signed with another secret, and the reason is explained", async () => {
    const { to } = await open("SECanother");
    const sent = await send(to);
    expect(sent.failure).toMatch(
      /^DingTalk 310000: the robot's security settings do not let it in: correct the secret/,
    );
    expect(sent.isRefused).toBe(false);
  });

  it.each([
    [300001, /there is no robot with this access_token/, false],
    [130101, /20 a minute, else none for 10 minutes/, false],
    [410100, /20 a minute, else none for 10 minutes/, false],
    [400102, /the robot is switched off/, false],
    [430102, /it does not take a word in the message, which may be a name/, true],
  ])("says %i in words", async (errcode, words, isRefused) => {
    const { robot, to } = await open();
    robot.troubles.push({ body: { errcode, errmsg: "?" } });
    expect(await send(to)).toMatchObject({ failure: expect.stringMatching(words), isRefused });
  });

  it("a rate limit without a code is tried again", async () => {
    const { robot, to } = await open();
    robot.troubles.push({ body: { status: 1111, wait: 5, source: "x5", punish: "deny", uuid: "24ce64" } });
    expect(await send(to)).toMatchObject({
      isRefused: false,
      failure: expect.stringContaining("DingTalk answered 200"),
    });
  });
});

describe("a robot of Feishu", () => {
  const open = async (secret?: string) => {
    const robot = await listening(new FeishuRobot(clock));
    return { robot, to: { type: "feishu", url: robot.url, secret: secret ?? robot.secret } };
  };

  it("receives a signed card", async () => {
    const { robot, to } = await open();
    expect(await send(to)).toMatchObject(taken);
    expect(robot.cards).toHaveLength(1);
    expect(robot.cards[0]?.title).toBe("人员通行：小明");
    expect(robot.cards[0]?.text).toContain(`[查看照片（24 小时内有效）](${links.picture})`);
  });

  it("receives a card with a red head for the blacklist only", async () => {
    const { to } = await open();
    const bodies: string[] = [];
    const noting: SendDeps = {
      ...sending,
      post: (outgoing, limits) => {
        bodies.push(String(outgoing.body));
        return sending.post(outgoing, limits);
      },
    };
    for (const type of ["vip", "blacklist"] as const) await send(to, message(to, subject({ type })), noting);
    expect(bodies.map((body) => JSON.parse(body).card.header.template)).toEqual(["blue", "red"]);
  });

  it.each([
    ["another secret", "wrong", 19021, /^Feishu 19021: the secret is another one, or this machine's clock/],
    ["a keyword that is missing", undefined, 19024, /^Feishu 19024: none of the robot's keywords/],
    ["too many at once", undefined, 11232, /^Feishu 11232: too many messages/],
  ])("the answer %s is explained", async (_, secret, code, words) => {
    const { robot, to } = await open(secret);
    if (secret === undefined) robot.troubles.push({ body: { code, msg: "?", data: {} } });
    expect((await send(to)).failure).toMatch(words);
  });
});

describe("a topic of ntfy", () => {
  const open = async () => {
    const server = await listening(new NtfyServer(clock));
    return { server, to: { type: "ntfy", url: server.url, secret: server.token } };
  };

  it("receives a notification with the picture attached, more urgent for the blacklist", async () => {
    const { server, to } = await open();
    expect(await send(to)).toMatchObject(taken);
    expect(await send(to, message(to, subject({ type: "blacklist" }), { picture: null }))).toMatchObject(taken);
    const [first, second] = server.notifications;
    expect(first).toMatchObject({ title: "Passing: 小明", click: links.event, attachment: picture.bytes, priority: 3 });
    expect(first?.message).toContain("Who: 小明 (VIP)\nWhere: 东门 · box gate-1\n");
    expect(second).toMatchObject({ attachment: null, priority: 4 });
  });

  it("a topic without attachments receives the text alone", async () => {
    const { server, to } = await open();
    server.attachmentBytes = 0;
    expect(await send(to)).toMatchObject(taken);
    expect(server.notifications).toMatchObject([{ title: "Passing: 小明", attachment: null }]);
  });

  it.each([
    [
      { status: 403, body: { code: 40301, http: 403, error: "forbidden" } },
      /^ntfy 40301: the token may not write/,
      false,
    ],
    [{ status: 429, body: { code: 42901, http: 429, error: "limit" } }, /^ntfy 42901: too many messages/, false],
    [{ status: 400, body: "no json" }, /^ntfy answered 400: it gives no reason$/, true],
  ])("the answer %j is explained", async (trouble, words, isRefused) => {
    const { server, to } = await open();
    server.troubles.push(trouble);
    expect(await send(to)).toMatchObject({ failure: expect.stringMatching(words), isRefused });
  });

  it("a user and a password are accepted, too", async () => {
    const { server, to } = await open();
    expect(await send({ ...to, secret: server.user })).toMatchObject(taken);
    expect(server.notifications).toHaveLength(1);
    const sent = await send({ ...to, secret: "gate:another" });
    expect(sent.failure).toMatch(/^ntfy 40301/);
    expect(server.notifications).toHaveLength(1);
  });
});

describe("Slack", () => {
  const open = async () => {
    const server = await listening(new Slack(clock));
    return {
      server,
      hook: { type: "slack", url: server.url },
      bot: { type: "slack", url: server.api, secret: server.token, to: server.channel },
    };
  };
  const text = [
    "*Passing: 小明*",
    "Who: 小明 (VIP)",
    "Where: 东门 · box gate-1",
    "When: 2026-11-20 20:00:00 +08:00",
    `<${links.event}|Open the event>`,
    `<${links.mute}|Mute this person for an hour>`,
  ].join("\n");

  it.each(["hook", "bot"] as const)("receives the text by a %s, without a picture", async (way) => {
    const { server, ...targets } = await open();
    expect(await send(targets[way])).toMatchObject(taken);
    expect(server.texts).toEqual([text]);
  });

  it("links the picture if the template asks for it", async () => {
    const { server, hook } = await open();
    expect(await send({ ...hook, template: "{who}\n{picture}" })).toMatchObject(taken);
    expect(server.texts[0]).toContain(`<${links.picture}|`);
  });

  it("says when to send again, and why", async () => {
    const { hook, bot } = await open();
    await send(hook);
    const failure = expect.stringMatching(/^Slack rate_?limited: too many messages: Slack takes one a second$/);
    for (const to of [hook, bot])
      expect(await send(to)).toEqual({ status: 429, failure, isRefused: false, retryAfterMs: 30_000 });
  });

  it.each([
    ["bot", { body: { ok: false, error: "channel_not_found" } }, /invite the bot, and write the channel's id/, false],
    ["bot", { body: { ok: false, error: "token_revoked" } }, /write the bot's token \(xoxb-…\) as secret/, false],
    ["bot", { body: { ok: false, error: "some_new_word" } }, /^Slack some_new_word: it says/, true],
    ["hook", { status: 400, body: "no_text" }, /^Slack no_text: the message is empty/, true],
    ["hook", { status: 404, body: "no_service" }, /add it to a channel again, and copy the URL/, false],
    ["hook", { status: 403, body: "action_prohibited" }, /an administrator of Slack does not let webhooks/, false],
    ["hook", { status: 200, body: "<html>" }, /^Slack answered 200/, false],
    ["bot", { status: 200, body: "ok" }, /^Slack answered 200/, false],
  ] as const)("explains the answer to a %s: %j", async (way, trouble, words, isRefused) => {
    const { server, ...targets } = await open();
    server.troubles.push(trouble);
    expect(await send(targets[way])).toMatchObject({ failure: expect.stringMatching(words), isRefused });
  });
});

describe("a bot of Telegram", () => {
  const open = async () => {
    const server = await listening(new TelegramServer(clock));
    return { server, to: { type: "telegram", url: server.url, secret: server.token, to: server.chat } };
  };

  it("receives the text without a picture, and rings for the blacklist alone", async () => {
    const { server, to } = await open();
    expect(await send(to)).toMatchObject(taken);
    expect(server.messages).toEqual([
      {
        text: [
          "<b>Passing: 小明</b>",
          "Who: 小明 (VIP)",
          "Where: 东门 · box gate-1",
          "When: 2026-11-20 20:00:00 +08:00",
          `<a href="${links.event}">Open the event</a>`,
          `<a href="${links.mute}">Mute this person for an hour</a>`,
        ].join("\n"),
        isSilent: true,
      },
    ]);
    const other = await open();
    await send(other.to, message(other.to, subject({ type: "blacklist" })));
    expect(other.server.messages).toMatchObject([{ isSilent: false }]);
  });

  it("says when to send again, and why", async () => {
    const { to } = await open();
    await send(to);
    expect(await send(to)).toEqual({
      status: 429,
      failure: "Telegram 429: too many messages: Telegram takes one a second for a chat, and 20 a minute for a group",
      isRefused: false,
      retryAfterMs: 35_000,
    });
  });

  it("a long text is cut, and none of its marks stays open", async () => {
    const { server, to } = await open();
    const lines = Array.from({ length: 200 }, (_, n) => [{ words: `第 ${n} 行，${"字".repeat(20)} &` }]);
    expect(await send(to, { ...message(to), lines })).toMatchObject(taken);
    expect(server.messages).toHaveLength(1);
  });

  it.each([
    [{ to: "-100999" }, /there is no such chat, or the bot is not in it/],
    [{ secret: "1:wrong" }, /the token is wrong or was revoked: copy it from @BotFather/],
  ])("explains a wrong target without the token: %j", async (wrong, words) => {
    const { server, to } = await open();
    const { failure } = await send({ ...to, ...wrong });
    expect(failure).toMatch(words);
    expect(failure).not.toContain(server.token);
  });

  it.each([
    [403, "Forbidden: bot was kicked from the group chat", /the bot was removed from the chat/, false],
    [400, "Bad Request: group chat was upgraded to a supergroup chat", /another number now: write it as to/, false],
    [400, "Bad Request: something new", /^Telegram answered 400: it says "Bad Request: something new"/, true],
  ])("says %i %s in words", async (error_code, description, words, isRefused) => {
    const { server, to } = await open();
    server.troubles.push({ status: error_code, body: { ok: false, error_code, description } });
    expect(await send(to)).toMatchObject({ failure: expect.stringMatching(words), isRefused });
  });
});

describe("a workflow of Teams", () => {
  const open = async () => {
    const workflow = await listening(new TeamsWorkflow(clock));
    return { workflow, to: { type: "teams", url: workflow.url } };
  };

  it("receives a card without a picture", async () => {
    const { workflow, to } = await open();
    expect(await send(to)).toMatchObject({ ...taken, status: 202 });
    expect(workflow.cards).toEqual([
      [
        "Passing: 小明",
        [
          "Who: 小明 (VIP)",
          "Where: 东门 · box gate-1",
          "When: 2026-11-20 20:00:00 +08:00",
          `[Open the event](${links.event})`,
          `[Mute this person for an hour](${links.mute})`,
        ].join("\n\n"),
      ].join("\n"),
    ]);
  });

  it("says when to send again after four messages in a second", async () => {
    const { to } = await open();
    for (let n = 0; n < 4; n++) expect(await send(to)).toMatchObject(taken);
    expect(await send(to)).toEqual({
      status: 429,
      failure: "Teams 429: too many messages: Teams takes four a second",
      isRefused: false,
      retryAfterMs: 20_000,
    });
  });

  it.each([
    [{ status: 404, body: { error: { code: "WorkflowNotFound", message: "x" } } }, /copy the URL again/, false],
    [{ status: 400, body: { error: { code: "TriggerInputSchemaMismatch" } } }, /does not take cards/, false],
    [{ status: 400, body: { error: { code: "Other", message: "why" } } }, /^Teams Other: it says "why"/, true],
    [{ status: 502, body: "<html>" }, /^Teams answered 502/, false],
  ])("explains the answer %j", async (trouble, words, isRefused) => {
    const { workflow, to } = await open();
    workflow.troubles.push(trouble);
    expect(await send(to)).toMatchObject({ failure: expect.stringMatching(words), isRefused });
  });
});
