import { beforeEach, expect, it, onTestFinished } from "vitest";
import { WebStandIn } from "../../../standins/channels/web.ts";
import { WecomRobot } from "../../../standins/channels/wecom.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
beforeEach(async () => {
  deps = await clockedRuntime();
  onTestFinished(() => deps.close());
});

const aboutTargets = { "detail-type": ["Target Failing", "Target Recovered"] };
const actions = { detail: { want_action: [{ exists: true }] } };
const failing = async () => (await deps.runtime.reads.rules.read()).rules.map((one) => [one.name, one.failing]);
const health = async () => (await deps.runtime.api.request("/healthz")).json();

/** A rule whose target takes nothing, and one that hears of it. */
async function doorAndOffice() {
  const door = await deps.subscriber();
  const heard: { "detail-type": string; detail: object }[] = [];
  const office = new WebStandIn(({ body }) => {
    heard.push(JSON.parse(body.toString()));
    return { body: {} };
  });
  await office.listen();
  onTestFinished(() => office.close());
  const rules = [
    { ...rule("door", door.url), pattern: actions },
    { ...rule("office", `http://127.0.0.1:${office.port}`), pattern: aboutTargets },
  ];
  await deps.setRules(rules);
  door.answer(503);
  const told = () => heard.map(({ "detail-type": type, detail }) => [type, detail]);
  return { door, told, rules };
}

it("announces a failing target once, after five minutes, and its recovery", async () => {
  const { door, told } = await doorAndOffice();
  await deps.announce("a");
  await deps.announce("b");
  await deps.settle();
  const since = new Date(deps.runtime.ingest.clock()).toISOString();
  await deps.advance(5 * minute - 1000, 1000);
  expect(told()).toEqual([]);
  expect(await health()).toEqual({ status: "ok" });
  await deps.advance(1000, 1000);
  await deps.settle();
  const detail = { rule: "door", since, tries: expect.any(Number), reason: "answered 503", waiting: 2 };
  expect(told()).toEqual([["Target Failing", detail]]);
  expect(await failing()).toEqual([
    ["door", { since, reason: "answered 503" }],
    ["office", null],
  ]);
  const concern = "targets that take nothing: 1; see Rules, or gatepost status";
  expect(await health()).toEqual({ status: "degraded", reasons: [concern] });
  await deps.advance(60 * minute);
  expect(told()).toHaveLength(1);
  door.accept();
  await deps.advance(8 * minute);
  expect(told().slice(1)).toEqual([["Target Recovered", { ...detail, waiting: 1 }]]);
  expect(await health()).toEqual({ status: "ok" });
});

it("announces the next failure of a target that recovered", async () => {
  const { door, told } = await doorAndOffice();
  for (const name of ["a", "b"]) {
    door.answer(503);
    await deps.announce(name);
    await deps.advance(8 * minute);
    door.accept();
    await deps.advance(8 * minute);
  }
  expect(told().map(([type]) => type)).toEqual([
    "Target Failing",
    "Target Recovered",
    "Target Failing",
    "Target Recovered",
  ]);
});

it("says nothing of a target that takes an entry within five minutes", async () => {
  const { door, told } = await doorAndOffice();
  await deps.announce("a");
  await deps.advance(4 * minute, 1000);
  door.accept();
  await deps.advance(2 * minute, 1000);
  door.answer(503);
  await deps.announce("b");
  await deps.advance(4 * minute, 1000);
  expect(told()).toEqual([]);
});

it("announces a target that refuses its only entry three times", async () => {
  const { door, told } = await doorAndOffice();
  door.answer(410);
  await deps.announce("a");
  await deps.advance(10 * minute - 1000, 1000);
  expect(told()).toEqual([]);
  await deps.advance(2000, 1000);
  await deps.settle();
  expect(told()).toMatchObject([["Target Failing", { tries: 3, reason: "answered 410", waiting: 0 }]]);
});

it("says nothing of a target that refuses one entry and has taken another one since", async () => {
  const { door, told } = await doorAndOffice();
  door.answer(410);
  await deps.announce("a");
  await deps.settle();
  door.accept();
  await deps.announce("b");
  await deps.settle();
  door.answer(410);
  await deps.advance(30 * minute);
  expect(await deps.deadLetters("door")).toHaveLength(1);
  expect(told()).toEqual([]);
});

/** A target that answers as it is told. */
async function answering(body: object = {}) {
  const answer = { status: 503 };
  const target = new WebStandIn(() => ({ status: answer.status, body: answer.status === 200 ? body : {} }));
  await target.listen();
  onTestFinished(() => target.close());
  return { answer, url: `http://127.0.0.1:${target.port}` };
}

it("announces a target that took nothing in time, of entries that are not tried any more", async () => {
  const { rules, told } = await doorAndOffice();
  const { answer, url } = await answering();
  await deps.setRules([{ ...rule("door", url), pattern: actions, maxAgeSeconds: 5 }, rules[1]]);
  for (const name of ["a", "b", "c"]) await deps.announce(name, "1001", { time: deps.runtime.ingest.clock() });
  await deps.advance(10_000, 1000);
  expect((await deps.runtime.reads.deliveries.list("door", { limit: 50, cursor: null })).items).toEqual([]);
  await deps.advance(5 * minute, 1000);
  expect(told()).toMatchObject([["Target Failing", { reason: "answered 503", waiting: 0 }]]);
  expect((await deps.runtime.bus.ping("door"))?.reason).toBe("answered 503");
  expect(await health()).toMatchObject({ status: "degraded" });
  answer.status = 200;
  expect((await deps.runtime.bus.ping("door"))?.reason).toBeNull();
  await deps.settle();
  expect(told().map(([type]) => type)).toEqual(["Target Failing", "Target Recovered"]);
  expect(await health()).toEqual({ status: "ok" });
});

it("announces a channel that takes no summary, with the entries in it, and its recovery", async () => {
  const { rules, told } = await doorAndOffice();
  const { answer, url } = await answering({ errcode: 0, errmsg: "ok" });
  answer.status = 200;
  const desk = { type: "wecom", url: `${url}/cgi-bin/webhook/send?key=k`, cooldownSeconds: 0 };
  await deps.setRules([{ ...rule("desk", ""), pattern: actions, target: desk }, rules[1]]);
  await deps.announce("a");
  await deps.settle();
  answer.status = 502;
  await deps.announce("b");
  await deps.announce("c");
  await deps.advance(8 * minute, 1000);
  expect(told()).toMatchObject([
    ["Target Failing", { rule: "desk", reason: expect.stringMatching("502"), waiting: 2 }],
  ]);
  expect((await deps.runtime.reads.rules.read()).rules[0]).toMatchObject({ name: "desk", waiting: 2 });
  expect(await health()).toMatchObject({ status: "degraded" });
  answer.status = 200;
  await deps.advance(6 * minute, 1000);
  expect(told().slice(1)).toMatchObject([["Target Recovered", { rule: "desk", waiting: 0 }]]);
});

it("sends a failing channel nothing about itself by another rule, also once it takes summaries again", async () => {
  const { rules, told } = await doorAndOffice();
  const texts: string[] = [];
  let status = 503;
  const robot = new WebStandIn(({ body }) => {
    if (status === 200) texts.push(body.toString());
    return { status, body: status === 200 ? { errcode: 0, errmsg: "ok" } : {} };
  });
  await robot.listen();
  onTestFinished(() => robot.close());
  const target = {
    type: "wecom",
    url: `http://127.0.0.1:${robot.port}/cgi-bin/webhook/send?key=k`,
    cooldownSeconds: 0,
  };
  const people = [
    { ...rule("desk", ""), pattern: actions, target },
    {
      ...rule("watch", ""),
      pattern: aboutTargets,
      target: { ...target, quiet: { from: "00:00", to: "23:59", zone: "UTC" } },
    },
  ];
  await deps.setRules([...people, rules[1]]);
  for (const name of ["a", "b", "c"]) await deps.announce(name);
  await deps.advance(8 * minute, 1000);
  status = 200;
  await deps.advance(15 * hour);
  expect(told().map(([type]) => type)).toEqual(["Target Failing", "Target Recovered"]);
  expect(texts.join("\n")).not.toContain("无法送达");
  expect(texts.length).toBeGreaterThan(0);
  const waiting = (await deps.runtime.reads.deliveries.list("watch", { limit: 50, cursor: null })).items;
  expect(waiting).toEqual([]);
});

it("neither announces again nor forgets after a restart", async () => {
  const { door, told } = await doorAndOffice();
  await deps.announce("a");
  await deps.advance(2 * minute, 1000);
  await deps.restart();
  await deps.advance(4 * minute, 1000);
  expect(told().map(([type]) => type)).toEqual(["Target Failing"]);
  await deps.restart();
  await deps.settle();
  expect(await health()).toMatchObject({ status: "degraded" });
  door.accept();
  await deps.advance(10 * minute);
  expect(told().map(([type]) => type)).toEqual(["Target Failing", "Target Recovered"]);
});

it("sends nothing about its own failures to a failing channel, by any rule", async () => {
  const { door, rules, told } = await doorAndOffice();
  await deps.setRules([...rules, rule("same", door.url)]);
  await deps.announce("a");
  await deps.advance(10 * minute);
  const waiting = (await deps.runtime.reads.deliveries.list(null, { limit: 50, cursor: null })).items;
  expect(told().map(([, detail]) => detail)).toMatchObject([{ rule: "door" }, { rule: "same" }]);
  expect(waiting.map((one) => [one.rule, one.detailType])).toEqual([
    ["door", "Stranger Registration Requested"],
    ["same", "Stranger Registration Requested"],
  ]);
});

it("shows nothing of a rule that is off, and forgets one that is removed", async () => {
  const { rules, told } = await doorAndOffice();
  await deps.announce("a");
  await deps.advance(8 * minute);
  expect(told()).toHaveLength(1);
  const [door, office] = rules;
  await deps.setRules([{ ...door, isOn: false }, office]);
  expect(await health()).toEqual({ status: "ok" });
  await deps.setRules([office]);
  await deps.advance(2 * minute);
  await deps.setRules(rules);
  await deps.settle();
  expect(await health()).toEqual({ status: "ok" });
});

it("does not count failures of an earlier target, and announces the recovery once the new one takes something", async () => {
  const { rules, told } = await doorAndOffice();
  const entry = await deps.announce("a");
  await deps.advance(8 * minute);
  await deps.runtime.eraser.eraseEvent(eventOf(entry));
  const [door, office] = rules;
  for (const pattern of [{ detail: { late: [true] } }, actions]) {
    await deps.setRules([{ ...door, pattern }, office]);
    await deps.settle();
    expect(await health()).toMatchObject({ status: "degraded" });
  }
  const other = await deps.subscriber();
  await deps.setRules([{ ...rule("door", other.url), pattern: actions }, office]);
  const isFine = async () => {
    await deps.settle();
    expect(await failing()).toMatchObject([
      ["door", null],
      ["office", null],
    ]);
    expect(await health()).toEqual({ status: "ok" });
  };
  await isFine();
  await deps.restart();
  await isFine();
  expect(told()).toHaveLength(1);
  await deps.announce("b");
  await deps.advance(2 * minute);
  expect(told().map(([type]) => type)).toEqual(["Target Failing", "Target Recovered"]);
});

it("announces anew that the next target of a rule takes nothing", async () => {
  const { rules, told } = await doorAndOffice();
  await deps.announce("a");
  await deps.advance(8 * minute);
  const other = await deps.subscriber();
  other.answer(500);
  await deps.setRules([{ ...rule("door", other.url), pattern: actions }, rules[1]]);
  await deps.settle();
  const since = new Date(deps.runtime.ingest.clock()).toISOString();
  await deps.advance(5 * minute - 1000, 1000);
  expect(told()).toHaveLength(1);
  expect((await failing())[0]).toEqual(["door", null]);
  await deps.advance(2000, 1000);
  await deps.settle();
  expect(told().slice(1)).toMatchObject([["Target Failing", { since, reason: "answered 500" }]]);
});

it("announces the recovery from an announced failure also if the next target fails at first", async () => {
  const { rules, told } = await doorAndOffice();
  await deps.announce("a");
  await deps.settle();
  const since = new Date(deps.runtime.ingest.clock()).toISOString();
  await deps.advance(8 * minute);
  const other = await deps.subscriber();
  other.answer(500);
  await deps.setRules([{ ...rule("door", other.url), pattern: actions }, rules[1]]);
  await deps.advance(minute);
  await deps.restart();
  other.accept();
  await deps.advance(8 * minute);
  const announced = { rule: "door", since, reason: "answered 503" };
  expect(told()).toMatchObject([
    ["Target Failing", announced],
    ["Target Recovered", announced],
  ]);
  expect(await health()).toEqual({ status: "ok" });
});

it("tells people, without the secret that a channel quotes", async () => {
  const robot = new WecomRobot(() => deps.runtime.ingest.clock());
  const token = "77:a-secret-of-a-bot";
  const bot = new WebStandIn(() => ({ status: 500, body: { ok: false, description: `no bot ${token}` } }));
  await Promise.all([robot.listen(), bot.listen()]);
  onTestFinished(async () => void (await Promise.all([robot.close(), bot.close()])));
  const telegram = { type: "telegram", url: `http://127.0.0.1:${bot.port}`, secret: token, to: "1" };
  await deps.setRules([
    { ...rule("chat", ""), pattern: actions, target: telegram },
    { ...rule("desk", ""), pattern: aboutTargets, target: { type: "wecom", url: robot.url } },
  ]);
  await deps.announce("a");
  await deps.advance(8 * minute);
  expect(robot.texts).toEqual([expect.stringContaining("chat")]);
  expect(robot.texts[0]).toContain("no bot");
  expect(JSON.stringify(deps.logged)).toContain("no bot");
  expect(JSON.stringify([robot.texts, await failing(), await health(), deps.logged])).not.toContain(token);
});
