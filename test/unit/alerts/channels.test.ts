import { describe, expect, it } from "vitest";
import type { SendDeps } from "../../../packages/alerts/src/channels/sending.ts";
import { noon } from "../../contract/samples.ts";
import { DingtalkRobot } from "../../standins/channels/dingtalk.ts";
import { FeishuRobot } from "../../standins/channels/feishu.ts";
import { NtfyServer } from "../../standins/channels/ntfy.ts";
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
      /^DingTalk 310000: the robot's security settings do not let it in: the secret is another/,
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
    [{ status: 400, body: "no json" }, /^ntfy answered 400/, true],
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
