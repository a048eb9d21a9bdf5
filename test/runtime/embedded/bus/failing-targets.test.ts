import { beforeEach, expect, it, onTestFinished } from "vitest";
import { WebStandIn } from "../../../standins/channels/web.ts";
import { WecomRobot } from "../../../standins/channels/wecom.ts";
import { type ClockedRuntime, clockedRuntime, minute, rule } from "./clocked-runtime.ts";

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

it("counts three entries that are refused, and not one that is refused three times", async () => {
  const { door, told } = await doorAndOffice();
  door.answer(410);
  await deps.announce("a");
  await deps.advance(30 * minute);
  expect(told()).toEqual([]);
  await deps.announce("b");
  await deps.settle();
  await deps.announce("c");
  await deps.settle();
  await deps.settle();
  expect(told()).toMatchObject([["Target Failing", { tries: 3, reason: "answered 410" }]]);
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
