import type { Account } from "@gatepost/core/accounts";
import type { PushKind } from "@gatepost/core/push";
import { boxHeard } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { noon } from "../../../contract/samples.ts";
import { PushService } from "../../../standins/push-service.ts";
import { exampleBox } from "../../../support/examples.ts";
import { temporaryRuntime } from "../temporary.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

const second = 1000;

describe("A browser that is subscribed to notifications", () => {
  let deps: ClockedRuntime;
  let service: PushService;
  let account: Account;
  beforeEach(async () => {
    deps = await clockedRuntime();
    service = await PushService.listen();
    const { accounts } = deps.runtime.reads;
    const asked = { email: "jonas@example.com", name: "Jonas", role: "guard" as const, sites: null, boxes: null };
    const { token } = await accounts.create(asked, "key_1");
    account = await accounts.accept(token, { name: null, password: "scrypt$x" });
    await deps.runtime.reads.push.contact.keep("it@example.com");
  });
  afterEach(() => deps.close());

  async function subscribe(name: string, kinds: readonly PushKind[] = ["blacklist"], locked = false) {
    const { keys, subscriptions } = deps.runtime.reads.push;
    const target = service.subscribe(name, (await keys.read()).publicKey);
    const choice = { kinds, locked, badge: true, language: "en" as const };
    return subscriptions.put(target, choice, { account, session: "ses_1", name });
  }

  let passings = 0;
  /** A passing as a box reports it. 3: blacklist, 4: stranger. */
  async function pass(personType: 1 | 3 | 4, { at = deps.runtime.ingest.clock(), box = "gate-1" } = {}) {
    passings += 1;
    const ext_data = { device_ip: "10.0.0.7", device_type: "0", ep_id: "B__10.0.0.2", person_type: personType };
    const body = {
      identity_id: `${passings}`,
      identity_name: "赵强",
      timestamp: at,
      score: 0.9,
      want_action: "0",
      ext_data,
    };
    const origin = { id: "", reason: "", box, path: "/HistoryEvent", headers: {}, event: null };
    const receivedAt = deps.runtime.ingest.clock();
    await replay({ ...origin, receivedAt, body: Buffer.from(JSON.stringify(body)) }, deps.runtime.ingest);
    const listed = await deps.runtime.reads.events.list({}, { limit: 1, cursor: null });
    return listed.items[0]?.id ?? "";
  }

  it("gets the kinds that it asked for, though events are announced to no rule", async () => {
    const recorded = {
      ...rule("recorded", "https://subscriber.example"),
      pattern: { "detail-type": ["Face Event Recorded"] },
    };
    await deps.setRules([recorded]);
    await subscribe("phone");
    await subscribe("desk", ["strangers", "silence"]);
    await pass(1);
    const id = await pass(3);
    await pass(4);
    await deps.runtime.ingest.bus.put(boxHeard("silent", { box: exampleBox, device: null, since: noon, at: noon }));
    await deps.settle();
    expect(service.contentsOf("phone")).toEqual([
      expect.objectContaining({ title: "Blacklist", address: `#/events/${id}`, tag: id, badge: true, withdraw: false }),
    ]);
    expect(service.contentsOf("desk")).toMatchObject([{ title: "Stranger" }, { address: "#/boxes/gate-1" }]);
    expect(service.pushed.map(({ urgency }) => urgency).toSorted()).toEqual(["high", "normal", "normal"]);
    expect((await deps.runtime.reads.deliveries.list("recorded", { limit: 9, cursor: null })).items).toEqual([]);
  });

  it("gets a notification after a restart, and once, if the push service was not reached", async () => {
    await subscribe("phone");
    service.troubles.push(503, 503);
    await pass(3);
    await deps.settle();
    expect(service.pushed).toEqual([]);
    await deps.restart();
    await deps.advance(10 * second, second);
    expect(service.contentsOf("phone")).toHaveLength(1);
    await deps.advance(10 * minute);
    expect(service.contentsOf("phone")).toHaveLength(1);
  });

  it("is not held up by one whose push service is down", async () => {
    const phone = service;
    service = await PushService.listen();
    await subscribe("blocked");
    service.isDown = true;
    const down = service;
    service = phone;
    await subscribe("phone");
    for (let n = 0; n < 3; n++) await pass(3);
    await deps.settle();
    expect(phone.contentsOf("phone")).toHaveLength(3);
    expect(down.requests).toBe(1);
  });

  it("is removed once it is gone, and leaves no dead letter", async () => {
    await subscribe("phone");
    service.forget("phone");
    await pass(3);
    await pass(3);
    await deps.settle();
    expect(await deps.runtime.reads.push.subscriptions.all()).toEqual([]);
    await deps.settle();
    expect(service.requests).toBe(1);
    expect(await deps.deadLetters()).toEqual([]);
    expect((await deps.runtime.reads.deliveries.list(null, { limit: 10, cursor: null })).items).toEqual([]);
  });

  it("gets no news of passings of long ago", async () => {
    await subscribe("phone");
    await pass(3, { at: noon - hour });
    await deps.settle();
    expect(service.requests).toBe(0);
  });

  it("ends with the sessions of its account", async () => {
    await subscribe("phone");
    await deps.runtime.reads.accounts.endSessions(account.id);
    await pass(3);
    await deps.settle();
    expect(service.requests).toBe(0);
    expect(await deps.runtime.reads.push.subscriptions.all()).toEqual([]);
  });

  it("gets nothing of boxes that its account does not see", async () => {
    const { accounts } = deps.runtime.reads;
    await accounts.change(account.id, { boxes: ["gate-2"] });
    account = (await accounts.get(account.id)) ?? account;
    await subscribe("phone");
    await pass(3);
    const seen = await pass(3, { box: "gate-2" });
    await deps.settle();
    expect(service.contentsOf("phone")).toMatchObject([{ address: `#/events/${seen}` }]);
  });
});

it("push services may write to the contact that the operator gives", async () => {
  const { runtime, close } = await temporaryRuntime({
    contact: "it@example.com",
    publicUrl: "https://gate.example.com",
  });
  onTestFinished(close);
  const { contact } = runtime.reads.push;
  await contact.keep("jonas@example.com");
  expect(await contact.read()).toBe("mailto:it@example.com");
});
