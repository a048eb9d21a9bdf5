import { compile } from "@gatepost/event-pattern";
import { describe, expect, it } from "vitest";
import { AlertQueue } from "../../../packages/aws/src/alerts/alert-queue.ts";
import type { DeployedRule } from "../../../packages/aws/src/alerts/alert-rules.ts";
import { target } from "../alerts/support.ts";

const unasked = () => Promise.reject(new Error("no message is a notification"));

const silent = { info() {}, warn() {}, error() {} };

/** The names by which the function knows entries of the bus that have these ids and details. */
function namesOf(...entries: Entry[]): Promise<string[]> {
  return toldBy({}, entries);
}

type Entry = [id: string, detailType: string, detail: object];

async function toldBy(rule: Pick<DeployedRule, "hours">, entries: readonly Entry[]): Promise<string[]> {
  const names: string[] = [];
  const alerter = {
    async deliver({ entryId }: { entryId: string }) {
      names.push(entryId);
      return { status: 200, failure: null, isRefused: false };
    },
    summarise: async () => null,
  };
  const people = { name: "people", target: target({ type: "ntfy", url: "http://127.0.0.1/topic" }), ...rule };
  const rules = new Map([["people", people]]);
  const queue = new AlertQueue({ alerter, rules, notifications: { tell: unasked }, log: silent, clock: Date.now });
  const Records = entries.map(([id, detailType, detail]) => ({
    messageId: id,
    body: JSON.stringify({ rule: "people", envelope: { id, "detail-type": detailType, detail } }),
  }));
  expect(await queue.take({ Records })).toEqual({ batchItemFailures: [] });
  return names;
}

describe("an entry that is put on the bus again", () => {
  it.each([
    ["Base Photo Update Requested", { idempotency_key: "act_1", age_ms: 5 }, { idempotency_key: "act_1", age_ms: 70 }],
    ["Face Event Recorded", { event: { id: "evt_1" }, age_ms: 5 }, { event: { id: "evt_1" }, age_ms: 70 }],
    [
      "Box Silent",
      { box: { id: "gate-1" }, device: null, since: "then" },
      { box: { id: "gate-1" }, device: null, since: "then" },
    ],
  ])("is the same one under another id: %s", async (type, first, second) => {
    const [one, again] = await namesOf(["a", type, first], ["b", type, second]);
    expect(again).toBe(one);
  });

  it("is another entry if an identifying part differs", async () => {
    const names = await namesOf(
      ["1", "Base Photo Update Requested", { idempotency_key: "act_1" }],
      ["2", "Base Photo Update Requested", { idempotency_key: "act_2" }],
      ["3", "Stranger Registration Requested", { idempotency_key: "act_1" }],
      ["4", "Box Silent", { box: { id: "gate-1" }, device: null, since: "then" }],
      ["5", "Box Silent", { box: { id: "gate-1" }, device: "east", since: "then" }],
      ["6", "Box Silent", { box: { id: "gate-1" }, device: null, since: "now" }],
      ["7", "Of Somebody Else", { x: 1 }],
      ["8", "Of Somebody Else", { x: 1 }],
    );
    expect(new Set(names).size).toBe(8);
  });
});

it("an entry outside the hours of its rule alerts no one, and is done", async () => {
  const time = [{ between: ["22:00", "06:00"], zone: "Asia/Shanghai" }];
  const at = (id: string, instant: string): Entry => [id, "Face Event Recorded", { event: { id, time: instant } }];
  const entries = [at("night", "2026-11-20T15:00:00Z"), at("day", "2026-11-20T04:00:00Z")];
  const hours = compile({ detail: { event: { time } } });
  expect(await toldBy({ hours }, entries)).toHaveLength(1);
  expect(await toldBy({}, entries)).toHaveLength(2);
});
