import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { boxHeard, unknownActionRequested } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { noon, picture } from "../../../contract/samples.ts";
import { DingtalkRobot } from "../../../standins/channels/dingtalk.ts";
import { everyChannel } from "../../../standins/channels/every.ts";
import { TelegramServer } from "../../../standins/channels/telegram.ts";
import { WecomRobot } from "../../../standins/channels/wecom.ts";
import { changedAt } from "../../../support/changed-at.ts";
import { exampleBox } from "../../../support/examples.ts";
import { isWhole } from "../../../support/seeded.ts";
import { putPicture } from "../../../support/stored-pictures.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, hour, minute, rule } from "./clocked-runtime.ts";

const second = 1000;
const base = "https://gate.example";

describe("people with an alert channel", () => {
  let deps: ClockedRuntime;
  let wecom: WecomRobot;
  let dingtalk: DingtalkRobot;
  beforeEach(async () => {
    deps = await clockedRuntime();
    deps.runtime.reachedAt(base);
    const clock = () => deps.runtime.ingest.clock();
    [wecom, dingtalk] = await Promise.all([new WecomRobot(clock).listen(), new DingtalkRobot(clock).listen()]);
  });
  afterEach(async () => {
    await Promise.all([wecom.close(), dingtalk.close()]);
    await deps.close();
  });

  const toWecom = (others: Record<string, unknown> = {}) =>
    deps.setRules([{ ...rule("people", wecom.url), target: { type: "wecom", url: wecom.url, ...others } }]);
  const toDingtalk = (others: Record<string, unknown> = {}) => {
    const target = { type: "dingtalk", url: dingtalk.url, secret: dingtalk.secret, ...others };
    return deps.setRules([{ ...rule("people", ""), target }]);
  };
  const passing = (n: number, told: Parameters<ClockedRuntime["announce"]>[2] = {}) =>
    deps.announce(`passing ${n}`, "1002", { person: { id: `p${n}`, name: `人 ${n}`, type: "vip" }, ...told });
  const statesOf = async (event: string) =>
    [...(await deps.runtime.reads.deliveries.ofEvents([event])).values()]
      .flat()
      .map(({ state, reason }) => [state, reason]);
  /** The answer of the API to a client without a key. */
  const open = async (url: string, method = "GET") => deps.runtime.api.request(url.replace(base, ""), { method });

  it("get an alert about a passing, with its picture", async () => {
    await toWecom();
    const face = picture("face");
    await putPicture(deps.runtime.ingest.pictures, "2026-11", "face", face);
    const { data: _, ...facts } = face;
    const entry = await passing(1, { pictures: { face: facts } });
    await deps.settle();
    expect(wecom.texts).toHaveLength(1);
    expect(wecom.texts[0]).toContain("**底库照片待更新：人 1**");
    expect(wecom.texts[0]).toContain(`(${base}/#/events/${eventOf(entry)})`);
    expect(wecom.pictures).toEqual([face.data]);
    expect(await statesOf(eventOf(entry))).toEqual([["delivered", undefined]]);
  });

  it("get nothing by any rule while the channel asks to be left alone, and all of it then", async () => {
    const telegram = await new TelegramServer(() => deps.runtime.ingest.clock()).listen();
    onTestFinished(() => telegram.close());
    const target = {
      type: "telegram",
      url: telegram.url,
      secret: telegram.token,
      to: telegram.chat,
      cooldownSeconds: 0,
    };
    await deps.setRules(["one", "two"].map((name) => ({ ...rule(name, ""), target })));
    const tooMany = { ok: false, error_code: 429, description: "Too Many Requests", parameters: { retry_after: 90 } };
    telegram.troubles.push({ status: 429, body: tooMany });
    await passing(1);
    await deps.settle();
    await passing(2, { person: { id: "b", name: "黑", type: "blacklist" } });
    await deps.advance(89 * second, second);
    expect(telegram.requests).toBe(1);
    telegram.troubles.push({ status: 429, body: tooMany });
    await deps.advance(3 * second, second);
    const { requests } = telegram;
    expect(requests).toBeGreaterThan(1);
    await deps.advance(85 * second, second);
    expect(telegram.requests).toBe(requests);
    await deps.advance(2 * minute, second);
    const told = (name: string) => telegram.messages.filter(({ text }) => text.includes(name)).length;
    expect([told("人 1"), told("黑")]).toEqual([2, 2]);
  });

  it("get an alert about a second passing if the first alert expired in an outage", async () => {
    await deps.setRules([{ ...rule("people", ""), target: { type: "wecom", url: wecom.url }, maxAgeSeconds: 60 }]);
    wecom.isDown = true;
    const black = (n: number, time: number) => passing(n, { time, person: { id: "b", name: "黑", type: "blacklist" } });
    const first = await black(1, noon);
    await deps.settle();
    await deps.advance(61 * second, second);
    wecom.isDown = false;
    await black(2, noon + 61 * second);
    await deps.settle();
    expect(await statesOf(eventOf(first))).toEqual([["too-late", "too-late"]]);
    expect(wecom.texts).toEqual([expect.stringContaining("黑（黑名单）")]);
  });

  it("get each alert about a silent box and its return, with any cooldown", async () => {
    await toWecom({ cooldownSeconds: 86_400 });
    for (const [n, type] of (["silent", "recovered", "silent", "recovered"] as const).entries()) {
      const since = noon + Math.floor(n / 2) * minute;
      await deps.runtime.ingest.bus.put(boxHeard(type, { box: exampleBox, device: null, since, at: since }));
      await deps.settle();
      await deps.advance(30 * second, 5 * second);
    }
    expect(wecom.texts.map((text) => /设备失联|设备恢复/.exec(text)?.[0])).toEqual([
      ...["设备失联", "设备恢复", "设备失联", "设备恢复"],
    ]);
  });

  it("get an alert about a box that wants an unknown action", async () => {
    await toWecom();
    const asked = { wantAction: "1003", dialect: "history-v6" } as const;
    const entry = unknownActionRequested({ box: exampleBox, since: noon, at: noon, ...asked });
    await deps.runtime.ingest.bus.put(entry);
    await deps.settle();
    expect(wecom.texts).toEqual([expect.stringContaining("盒子请求了未知的动作")]);
  });

  it("get gathered alerts though the clock was set back meanwhile", async () => {
    await toWecom({ cooldownSeconds: 0 });
    for (const n of [1, 2, 3]) await passing(n);
    await deps.settle();
    deps.setClock(deps.runtime.ingest.clock() - 8 * hour);
    await deps.settle();
    expect(wecom.texts.slice(1)).toEqual([expect.stringContaining("另有 2 条提醒")]);
    // Both are named: there are no others to look for.
    expect(wecom.texts[1]).not.toContain("其余");
  });

  it("get no second alert about a person though the clock was set back", async () => {
    await toWecom();
    await deps.runtime.storeClock.note();
    deps.setClock(deps.runtime.ingest.clock() - 8 * hour);
    for (const n of [1, 2]) {
      await deps.announce(`passing ${n}`, "1002", { person: { id: "p1", name: "人 1", type: "vip" } });
      await deps.settle();
    }
    await deps.advance(2 * minute, 10 * second);
    expect(wecom.texts).toHaveLength(1);
  });

  it("get an alert without its picture if that cannot be read now", async () => {
    await toWecom();
    const face = picture("face");
    await putPicture(deps.runtime.ingest.pictures, "2026-11", "face", face);
    await deps.restart();
    deps.runtime.reachedAt(base);
    const pack = join(dirname(deps.rulesFile), "pictures", "2026-11.pack");
    await rm(pack);
    await mkdir(pack);
    const { data: _, ...facts } = face;
    const entry = await passing(1, { pictures: { face: facts } });
    await deps.settle();
    expect([wecom.texts.length, wecom.pictures.length]).toEqual([1, 0]);
    expect(await statesOf(eventOf(entry))).toEqual([["delivered", undefined]]);
    expect(wecom.texts[0]).toContain(`${base}/v1/pictures/`);
    expect(deps.logged).toContainEqual(
      expect.objectContaining({ level: "warn", message: "an alert goes without its picture, which cannot be read" }),
    );
  });

  it.runIf(isWhole)("get one alert and one summary for a storm of a thousand", async () => {
    await toWecom();
    for (let n = 0; n < 1000; n++) await passing(n);
    await deps.settle();
    expect(wecom.texts).toHaveLength(1);
    await deps.advance(10 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(2);
    expect(wecom.texts[1]).toContain("**另有 999 条提醒，合并如下**");
    expect(wecom.texts[1]).toContain("VIP 999");
    expect(wecom.texts[1]).toContain("其余 994 条请在控制台查看");
  });

  it("get no second alert about a person at a device within the cooldown", async () => {
    await toWecom({ cooldownSeconds: 60 });
    const again = (n: number) => passing(n, { person: { id: "same", name: "小明", type: "vip" } });
    await again(1);
    await deps.settle();
    await deps.advance(30 * second, second);
    const held = await again(2);
    await deps.settle();
    await deps.advance(5 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(1);
    expect(await statesOf(eventOf(held))).toEqual([["held", "cooldown"]]);
    await again(3);
    await deps.settle();
    expect(wecom.texts).toHaveLength(2);
  });

  it("get no second alert within the cooldown after a summary", async () => {
    await toWecom({ cooldownSeconds: 60 });
    await passing(1);
    await passing(2);
    await deps.settle();
    await deps.advance(15 * second, second);
    expect(wecom.texts.map((text) => /人 \d/.exec(text)?.[0])).toEqual(["人 1", "人 2"]);
    // A summary of one is told as any other alert.
    expect(wecom.texts[1]).toContain("**底库照片待更新：人 2**");
    await deps.advance(15 * second, second);
    const another = { person: { id: "p2", name: "人 2", type: "vip" } } as const;
    await passing(3, another);
    await deps.settle();
    expect(wecom.texts).toHaveLength(2);
    await deps.advance(2 * minute, 5 * second);
    await passing(4, another);
    await deps.settle();
    expect(wecom.texts).toHaveLength(3);
  });

  it("lose neither a cooldown nor a summary by a restart", async () => {
    await toWecom({ cooldownSeconds: 3600 });
    for (let n = 0; n < 50; n++) await passing(n);
    await deps.settle();
    await deps.restart();
    await deps.settle();
    expect(wecom.texts).toHaveLength(1);
    await deps.advance(minute, 5 * second);
    expect(wecom.texts).toHaveLength(2);
    expect(wecom.texts[1]).toContain("另有 49 条");
    await deps.restart();
    await passing(1000, { person: { id: "p0", name: "人 0", type: "vip" } });
    await deps.settle();
    expect(wecom.texts).toHaveLength(2);
  });

  it("get each alert once after an outage of the channel", async () => {
    await toWecom();
    const trouble = { body: { errcode: -1, errmsg: "system busy" } };
    wecom.troubles.push(...Array.from({ length: 5 }, () => trouble));
    await passing(1);
    await deps.settle();
    expect(wecom.texts).toEqual([]);
    await deps.restart();
    await deps.advance(5 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(1);
    expect(deps.logged).toContainEqual(
      expect.objectContaining({
        message: "entry not delivered, trying again",
        facts: expect.objectContaining({ reason: expect.stringMatching(/^WeCom -1/) }),
      }),
    );
  });

  it("get the summary after an outage of the channel", async () => {
    await toWecom();
    await passing(1);
    await deps.settle();
    for (let n = 2; n < 22; n++) await passing(n);
    await deps.settle();
    wecom.troubles.push(...Array.from({ length: 3 }, () => ({ status: 502, body: {} })));
    await deps.advance(5 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(2);
    expect(wecom.texts[1]).toContain("另有 20 条");
  });

  it("get other alerts though the channel refuses one name, also in a summary", async () => {
    await toWecom();
    // Like a channel that filters texts: it refuses all messages with this name.
    wecom.forbidden = "禁词";
    const forbidden = await passing(1, { person: { id: "f", name: "禁词", type: "vip" } });
    await deps.settle();
    await deps.advance(minute, 5 * second);
    await passing(2);
    await deps.advance(minute, 5 * second);
    expect(wecom.texts).toEqual([expect.stringContaining("人 2")]);
    await deps.advance(20 * minute, 5 * second);
    expect(await statesOf(eventOf(forbidden))).toEqual([["dead", expect.stringMatching(/^WeCom 88888/)]]);
    await passing(3);
    await passing(4, { person: { id: "g", name: "禁词", type: "vip" } });
    await passing(5);
    await deps.settle();
    await deps.advance(5 * minute, 5 * second);
    expect(wecom.texts.slice(1)).toEqual([expect.stringContaining("人 3"), expect.stringContaining("另有 2 条提醒")]);
    expect(wecom.texts[2]).toContain("VIP 2");
    expect(wecom.texts.join()).not.toContain("禁词");
  });

  it("never get more than a channel accepts in a minute", async () => {
    const target = { type: "wecom", url: wecom.url, cooldownSeconds: 0 };
    const rules = Array.from({ length: 30 }, (_, n) => ({ ...rule(`people-${n}`, ""), target }));
    await deps.setRules(rules);
    await passing(1);
    await deps.settle();
    // Half of the minute for one box.
    expect(wecom.texts).toHaveLength(10);
    await deps.advance(3 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(30);
    expect(deps.logged.filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("get alerts from other boxes at once while one floods the blacklist", async () => {
    await toWecom({ cooldownSeconds: 0 });
    const blacklisted = (n: number, name: string, box?: string) => {
      const person = { id: `b${n}`, name, type: "blacklist" as const };
      return deps.announce(`blacklisted ${n}`, "1002", { person }, box);
    };
    for (let n = 0; n < 60; n++) await blacklisted(n, `假 ${n}`);
    await deps.settle();
    await blacklisted(60, "真", "gate-2");
    await deps.settle();
    expect(wecom.texts).toHaveLength(11);
    expect(wecom.texts.at(-1)).toContain("底库照片待更新：真");
    await deps.advance(10 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(12);
    expect(wecom.texts.at(-1)).toContain("50 条中有 50 条来自同一个盒子：gate-1");
    expect(wecom.texts.at(-1)).toContain("盒子 gate-1 50");
  });

  it("never get more than a channel accepts in a second", async () => {
    const feishu = await everyChannel.feishu(() => deps.runtime.ingest.clock());
    onTestFinished(() => feishu.close());
    const target = { ...feishu.target, ...feishu.secrets, cooldownSeconds: 0 };
    await deps.setRules(Array.from({ length: 12 }, (_, n) => ({ ...rule(`people-${n}`, ""), target })));
    await passing(1);
    await deps.settle();
    expect(feishu.arrived()).toHaveLength(5);
    await deps.advance(3 * minute, 5 * second);
    expect(feishu.arrived()).toHaveLength(12);
    expect(deps.logged.filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("get delayed alerts after their quiet hours, and blacklist alerts at once", async () => {
    await toWecom({ quiet: { from: "20:00", to: "21:00", zone: "Asia/Shanghai" } });
    await passing(1);
    await passing(2, { person: { id: "b", name: "黑", type: "blacklist" } });
    await deps.settle();
    await deps.advance(hour - second, minute);
    expect(wecom.texts).toHaveLength(1);
    expect(wecom.texts[0]).toContain("黑名单");
    await deps.advance(minute, second);
    expect(wecom.texts).toHaveLength(2);
    expect(wecom.texts[1]).toContain("人 1");
  });

  it("get an alert about a person newly on the blacklist, despite the cooldown", async () => {
    await toWecom({ cooldownSeconds: 86_400 });
    await passing(1, { person: { id: "same", name: "黑", type: "employee" } });
    await deps.settle();
    await deps.advance(minute, 5 * second);
    await passing(2, { person: { id: "same", name: "黑", type: "blacklist" } });
    await passing(3, { person: { id: "same", name: "黑", type: "blacklist" } });
    await deps.settle();
    expect(wecom.texts).toHaveLength(2);
    expect(wecom.texts[1]).toContain("黑（黑名单）");
  });

  it("get a late blacklist alert in quiet hours if the channel was full", async () => {
    await toWecom({ quiet: { from: "20:00", to: "21:00", zone: "Asia/Shanghai" } });
    for (let n = 0; n < 25; n++) await passing(n, { person: { id: `b${n}`, name: `黑 ${n}`, type: "blacklist" } });
    await deps.settle();
    expect(wecom.texts).toHaveLength(10);
    await deps.advance(3 * minute, 5 * second);
    expect(wecom.texts).toHaveLength(11);
    expect(wecom.texts[10]).toContain("另有 15 条");
  });

  it("mute a person for an hour by a button, and not by opening the page", async () => {
    await toDingtalk({ cooldownSeconds: 0 });
    const same = { person: { id: "same", name: "小<b>明", type: "vip" as const } };
    await passing(1, same);
    await deps.settle();
    const link = /\((https:\/\/gate\.example\/v1\/mutes\/[\w-]+)\)/.exec(dingtalk.messages[0]?.text ?? "")?.[1] ?? "";
    const page = await open(link);
    expect(page.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(await page.text()).toContain("小&lt;b&gt;明");
    await deps.advance(minute);
    await passing(2, same);
    await deps.settle();
    expect(dingtalk.messages).toHaveLength(2);
    expect((await open(link, "POST")).status).toBe(200);
    await deps.advance(minute);
    const muted = await passing(3, same);
    await passing(4, { person: { id: "other", name: "他人", type: "vip" } });
    await deps.settle();
    expect(dingtalk.messages.map(({ title }) => title)).toEqual([
      ...["底库照片待更新：小＜b＞明", "底库照片待更新：小＜b＞明", "底库照片待更新：他人"],
    ]);
    expect(await statesOf(eventOf(muted))).toEqual([["held", "muted"]]);
    await deps.advance(hour);
    await passing(5, same);
    await deps.settle();
    expect(dingtalk.messages).toHaveLength(4);
  });

  it("cannot mute the blacklist, use another's link, or mute after a day", async () => {
    await toDingtalk();
    await passing(1, { person: { id: "b", name: "黑", type: "blacklist" } });
    await passing(2, { person: { id: "s1", name: "", type: "stranger" } });
    await deps.settle();
    await deps.advance(minute, 5 * second);
    for (const { text } of dingtalk.messages) expect(text).not.toContain("/v1/mutes/");
    await passing(3);
    await deps.settle();
    const link =
      /\((https:\/\/gate\.example\/v1\/mutes\/[\w-]+)\)/.exec(dingtalk.messages.at(-1)?.text ?? "")?.[1] ?? "";
    expect((await open(changedAt(link, -2), "POST")).status).toBe(404);
    expect((await open(link.replace("mutes", "pictures"))).status).toBe(404);
    deps.setClock(noon + 26 * hour);
    expect((await open(link, "POST")).status).toBe(410);
  });

  it("see the picture by a link for a day, or until an erasure", async () => {
    await toDingtalk();
    const face = picture("face");
    await putPicture(deps.runtime.ingest.pictures, "2026-11", "face", face);
    const { data: _, ...facts } = face;
    const entry = await passing(1, { pictures: { face: facts } });
    const other = await passing(2, { pictures: { face: facts } });
    await deps.settle();
    const link = /!\[\]\(([^)]*)\)/.exec(dingtalk.messages[0]?.text ?? "")?.[1] ?? "";
    const shown = await open(link);
    expect([shown.status, shown.headers.get("cross-origin-resource-policy")]).toEqual([200, "cross-origin"]);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(face.data);
    deps.setClock(noon + 23 * hour);
    expect((await open(link)).status).toBe(200);
    await deps.runtime.eraser.eraseEvent(eventOf(entry));
    expect((await open(link)).status).toBe(404);
    deps.setClock(noon + 25 * hour);
    expect((await open(link)).status).toBe(410);
    expect(eventOf(other)).not.toBe(eventOf(entry));
  });

  it("get no alert about erased persons, also not in a summary", async () => {
    await toWecom();
    await passing(1);
    await deps.settle();
    const erased = await passing(2);
    await passing(3);
    await deps.settle();
    await deps.runtime.eraser.eraseEvent(eventOf(erased));
    await deps.advance(minute, 5 * second);
    expect(wecom.texts).toHaveLength(2);
    expect(wecom.texts[1]).toContain("人 3");
    expect(wecom.texts[1]).not.toContain("人 2");
  });

  it("get no message from a check, and get a requested test", async () => {
    await toWecom();
    await deps.settle();
    expect(await deps.runtime.bus.ping("people")).toMatchObject({ status: 200, reason: null });
    expect(wecom.texts).toEqual([expect.stringContaining("收到这条消息，说明这条规则可以送达。")]);
    wecom.troubles.push({ body: { errcode: 93000, errmsg: "invalid webhook url" } });
    expect(await deps.runtime.bus.ping("people")).toMatchObject({ reason: expect.stringMatching(/^WeCom 93000/) });
  });

  it("get no test above the channel's limit per minute, and its sender is told", async () => {
    await toWecom({ cooldownSeconds: 0 });
    for (let n = 0; n < 20; n++) {
      const person = { id: `b${n}`, name: `黑 ${n}`, type: "blacklist" as const };
      await deps.announce(`passing ${n}`, "1002", { person }, `gate-${n}`);
    }
    await deps.settle();
    expect(wecom.texts).toHaveLength(20);
    const reason = expect.stringContaining("test it in a minute");
    expect(await deps.runtime.bus.ping("people")).toMatchObject({ status: null, reason });
    expect(wecom.texts).toHaveLength(20);
    deps.setClock(noon + 2 * minute);
    expect(await deps.runtime.bus.ping("people")).toMatchObject({ status: 200 });
  });

  it("get no alert that is too old for the rule", async () => {
    const target = { type: "wecom", url: wecom.url };
    await deps.setRules([{ ...rule("people", ""), target, maxAgeSeconds: 60 }]);
    await passing(1);
    deps.setClock(noon + 2 * minute);
    await deps.settle();
    expect(wecom.texts).toEqual([]);
  });

  it("get nothing at a private address unless it is allowed", async () => {
    await deps.close();
    deps = await clockedRuntime({ allowPrivateTargets: false });
    const target = { type: "wecom", url: wecom.url };
    await deps.setRules([{ ...rule("people", ""), target }]);
    await deps.settle();
    expect(deps.logged).toContainEqual(
      expect.objectContaining({
        message: "rule left out",
        facts: expect.objectContaining({ reason: expect.stringContaining("127.0.0.1 is no public address") }),
      }),
    );
  });
});
