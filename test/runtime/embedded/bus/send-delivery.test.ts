import { beforeEach, expect, it, onTestFinished } from "vitest";
import { type ClockedRuntime, clockedRuntime, hour } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
beforeEach(async () => {
  deps = await clockedRuntime();
  onTestFinished(() => deps.close());
});

const outcomeOf = (id: string) => deps.runtime.reads.deliveries.send(id);
const waiting = async () => (await deps.runtime.reads.deliveries.list(null, { limit: 10, cursor: null })).items;

async function post(path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${deps.runtime.adminToken}` };
  return deps.runtime.api.fetch(new Request(`http://gatepost${path}`, { method: "POST", headers }));
}

/** An entry of a rule whose target does not take it. */
async function untaken() {
  const hook = await deps.subscriber();
  const rule = { name: "desk", pattern: { source: ["gatepost"] }, target: { url: hook.url } };
  await deps.setRules([rule]);
  hook.answer(500);
  return { hook, rule, entry: await deps.announce("a") };
}

it("sends waiting entries at once, and returns the last answer", async () => {
  const {
    hook,
    entry: { id: entry, detail },
  } = await untaken();
  await deps.settle();
  const [delivery] = await waiting();
  const event = "event" in detail ? detail.event.id : "";
  const told = async () => (await deps.runtime.reads.deliveries.ofEvents([event])).get(entry);
  expect(await told()).toMatchObject([
    { id: delivery?.id, rule: "desk", state: "waiting", tries: 1, status: 500, reason: "answered 500" },
  ]);
  hook.accept();
  await deps.settle();
  expect(hook.delivered).toHaveLength(1);
  expect(await outcomeOf(delivery?.id ?? "")).toBe("sent");
  await deps.settle();
  expect(await told()).toEqual([
    {
      id: delivery?.id,
      rule: "desk",
      state: "delivered",
      tries: 2,
      status: 204,
      ms: expect.any(Number),
      at: expect.any(String),
    },
  ]);
  // Its action is pending, because only the bus has heard of it.
  expect(await outcomeOf(delivery?.id ?? "")).toBe("closed");
  expect(await outcomeOf("999")).toBe("unknown");
  const { rules } = await deps.runtime.reads.rules.read();
  expect(rules).toMatchObject([{ name: "desk", waiting: 0, dead: 0, last: { status: 204 } }]);
});

it("puts back abandoned entries, unless their rule is gone", async () => {
  const { hook, rule } = await untaken();
  await deps.advance(26 * hour, hour);
  const [letter] = await deps.deadLetters();
  await deps.setRules([{ ...rule, name: "other" }]);
  await deps.advance(hour, hour);
  expect(await outcomeOf(letter?.id ?? "")).toBe("refused");
  await deps.setRules([rule]);
  hook.accept();
  expect(await outcomeOf(letter?.id ?? "")).toBe("sent");
  await deps.settle();
  expect(await deps.deadLetters()).toEqual([]);
});

it("sends no dead letter while its rule is off", async () => {
  const { hook, rule } = await untaken();
  await deps.advance(26 * hour, hour);
  const [letter] = await deps.deadLetters();
  await deps.setRules([{ ...rule, isOn: false }]);
  await deps.settle();
  expect(await outcomeOf(letter?.id ?? "")).toBe("off");
  const refused = await post(`/v1/deadletters/${letter?.id}/send`);
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain("the rule is off; switch it on, and ask for it again");
  expect(await (await post("/v1/deadletters/send")).json()).toEqual({ sent: 0 });
  expect(await deps.deadLetters()).toHaveLength(1);
  await deps.setRules([rule]);
  hook.accept();
  expect(await (await post("/v1/deadletters/send?rule=desk")).json()).toEqual({ sent: 1 });
  await deps.settle();
  expect(await deps.deadLetters()).toEqual([]);
});

it("sends nothing by hand while its rule is off", async () => {
  const { hook, rule } = await untaken();
  await deps.settle();
  const [delivery] = await waiting();
  await deps.setRules([{ ...rule, isOn: false }]);
  await deps.advance(hour, hour);
  expect(await outcomeOf(delivery?.id ?? "")).toBe("off");
  const refused = await post(`/v1/deliveries/${delivery?.id}/send`);
  expect([refused.status, await refused.text()]).toEqual([
    409,
    expect.stringContaining("the rule is off; switch it on, and ask for it again"),
  ]);
  hook.accept();
  await deps.setRules([rule]);
  await deps.advance(hour, hour);
  expect(await waiting()).toEqual([]);
});
