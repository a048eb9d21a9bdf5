import { Alerter } from "@gatepost/alerts";
import { AlertRows } from "@gatepost/core/alerts";
import { Zone } from "@gatepost/core/zones";
import type { StoredEvent } from "@gatepost/protocol";
import { MemoryItems } from "@gatepost/store";
import { expect, it, onTestFinished, vi } from "vitest";
import { senders } from "../../../packages/alerts/src/channels/senders.ts";
import { delivered, type SendDeps } from "../../../packages/alerts/src/channels/sending.ts";
import { plainOf } from "../../../packages/alerts/src/message/lines.ts";
import type { Message } from "../../../packages/alerts/src/message/message.ts";
import { noon, report } from "../../contract/samples.ts";
import { target } from "./support.ts";

const clock = () => noon;
const rows = new AlertRows(new MemoryItems({ clock }), clock);
const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

const alerter = (secret = "secret", publicUrl: string | null = null, stored: StoredEvent | null = null) =>
  new Alerter({
    rows,
    find: async () => stored,
    pictures: { get: async () => null },
    secret: Buffer.from(secret),
    publicUrl: () => publicUrl,
    zone: Zone.utc,
    clock,
    log: { info() {}, warn() {}, error() {} },
    allowPrivateTargets: true,
    underWayMs: 0,
  });

/** The ports that a channel gets from an alerter of a deployment. */
async function givenTo(channel: "email" | "mqtt", secret = "secret"): Promise<SendDeps> {
  const given: SendDeps[] = [];
  const sender = vi.spyOn(senders[channel], "send").mockImplementation(async (_, __, deps) => {
    given.push(deps);
    return delivered;
  });
  onTestFinished(() => sender.mockRestore());
  const url = channel === "email" ? "smtp://gate%40example.com@mail.example" : "mqtt://gate@broker.example";
  const to = target({ type: channel, url, ...(channel === "email" ? { to: "guard@example.com" } : {}) });
  await alerter(secret).test({ name: "guards", target: to }, limits);
  const [deps] = given;
  if (deps === undefined) throw new Error("nothing was sent");
  return deps;
}

it.each(["email", "mqtt"] as const)("the sender of %s gets the check for Internet addresses", async (channel) => {
  const { isPublic, allowPrivateTargets } = await givenTo(channel);
  expect(allowPrivateTargets).toBe(true);
  expect(["8.8.8.8", "::ffff:8.8.8.8", "10.0.0.1", "::1"].map(isPublic)).toEqual([true, true, false, false]);
});

it("all processes of a server have one id, and another server another", async () => {
  const [one, again, other] = [await givenTo("mqtt"), await givenTo("mqtt"), await givenTo("mqtt", "other")];
  expect([one.server, again.server]).toEqual([expect.stringMatching(/^[\da-f]{12}$/), one.server]);
  expect(other.server).not.toBe(one.server);
});

/** The messages that are sent over MQTT. */
function messagesSent(): Message[] {
  const messages: Message[] = [];
  const sender = vi.spyOn(senders.mqtt, "send").mockImplementation(async (sent) => {
    messages.push(sent);
    return delivered;
  });
  onTestFinished(() => sender.mockRestore());
  return messages;
}

it.each([
  [[], "Grace", "Visitor arrived: Ada, visits Grace"],
  [["before-visit"], null, "Visitor before the visit: Ada"],
])("alerts of a visitor with the flags %j and the host %j", async (flags, host, title) => {
  const messages = messagesSent();
  const reports = [report({ person: { id: "v1", type: "visitor" } })];
  const stored: StoredEvent = { id: "evt_1", box: "gate-1", isSecondFace: false, reports, actions: [] };
  const rule = { name: title, target: target({ type: "mqtt", url: "mqtt://gate@broker.example", template: "en" }) };
  const detail = { visit: { name: "Ada", host }, flags, late: false, eventId: stored.id };
  const envelope = { "detail-type": "Visitor Arrived", time: new Date(noon).toISOString(), detail };
  await alerter("secret", null, stored).deliver({ entryId: title, envelope }, rule, limits);
  expect(messages).toMatchObject([{ title }]);
});

it.each([
  ["Evacuation Begun", true, "Evacuation drill: hq", true],
  ["Evacuation Begun", false, "Evacuation: hq", true],
  ["Evacuation Ended", false, "Evacuation over: hq", false],
])("alerts of %s (drill %s) with the site and the list", async (type, isDrill, title, isUrgent) => {
  const messages = messagesSent();
  const url = "mqtt://gate@broker.example";
  // Only urgent alerts are sent in quiet hours.
  const quiet = isUrgent ? { quiet: { from: "00:00", to: "23:59", zone: "UTC" } } : {};
  const rule = { name: `${type} ${isDrill}`, target: target({ type: "mqtt", url, template: "en", ...quiet }) };
  const detail = { roll: { id: "rol_1", site: "hq", isDrill }, people: 2, missing: 2 };
  const envelope = { "detail-type": type, time: new Date(noon).toISOString(), detail };
  await alerter("secret", "https://gate.example").deliver({ entryId: `${type} ${isDrill}`, envelope }, rule, limits);
  const lines = messages.map((sent) => sent.lines.map(plainOf).join("\n"));
  expect(messages).toMatchObject([{ title, isUrgent, url: "https://gate.example/#/inside/roll/rol_1" }]);
  expect(lines[0]).toContain("Open the list https://gate.example/#/inside/roll/rol_1");
  expect(lines[0]).toContain("hq");
});

it("no alert is sent for a check", async () => {
  const rule = { name: "guards", target: target({ type: "mqtt", url: "mqtt://gate@127.0.0.1:1" }) };
  const entry = { entryId: "e", envelope: { "detail-type": "Gatepost Test", detail: {} } };
  expect(await alerter().deliver(entry, rule, limits)).toEqual({ ...delivered, held: "test" });
});
