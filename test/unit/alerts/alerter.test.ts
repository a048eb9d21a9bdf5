import { Alerter } from "@gatepost/alerts";
import { AlertRows } from "@gatepost/core/alerts";
import { Zone } from "@gatepost/core/statistics";
import { MemoryItems } from "@gatepost/store";
import { expect, it, onTestFinished, vi } from "vitest";
import { senders } from "../../../packages/alerts/src/channels/senders.ts";
import { delivered, type SendDeps } from "../../../packages/alerts/src/channels/sending.ts";
import { noon } from "../../contract/samples.ts";
import { target } from "./support.ts";

const clock = () => noon;
const rows = new AlertRows(new MemoryItems({ clock }), clock);
const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

const alerter = () =>
  new Alerter({
    ...{ rows, find: async () => null, pictures: { get: async () => null } },
    ...{ secret: Buffer.from("secret"), publicUrl: () => null, zone: Zone.utc, clock },
    log: { info() {}, warn() {}, error() {} },
    ...{ allowPrivateTargets: true, underWayMs: 0 },
  });

/** The ports that a channel gets from an alerter of a deployment. */
async function givenTo(channel: "email" | "mqtt"): Promise<SendDeps> {
  const given: SendDeps[] = [];
  const sender = vi.spyOn(senders[channel], "send").mockImplementation(async (_, __, deps) => {
    given.push(deps);
    return delivered;
  });
  onTestFinished(() => sender.mockRestore());
  const url = channel === "email" ? "smtp://gate%40example.com@mail.example" : "mqtt://gate@broker.example";
  const to = target({ type: channel, url, ...(channel === "email" ? { to: "guard@example.com" } : {}) });
  await alerter().test({ name: "guards", target: to }, limits);
  const [deps] = given;
  if (deps === undefined) throw new Error("nothing was sent");
  return deps;
}

it.each(["email", "mqtt"] as const)("the sender of %s gets the check for Internet addresses", async (channel) => {
  const { isPublic, allowPrivateTargets } = await givenTo(channel);
  expect(allowPrivateTargets).toBe(true);
  expect(["8.8.8.8", "::ffff:8.8.8.8", "10.0.0.1", "::1"].map(isPublic)).toEqual([true, true, false, false]);
});

it("no alert is sent for a check", async () => {
  const rule = { name: "guards", target: target({ type: "mqtt", url: "mqtt://gate@127.0.0.1:1" }) };
  const entry = { entryId: "e", envelope: { "detail-type": "Gatepost Test", detail: {} } };
  expect(await alerter().deliver(entry, rule, limits)).toEqual({ ...delivered, held: "test" });
});
