import type { AlertRows } from "@gatepost/query";
import { AlertRowNames } from "@gatepost/query";
import { expect, it } from "vitest";
import { AlertGate } from "../../../packages/alerts/src/gate/gate.ts";
import { noon } from "../../contract/samples.ts";
import { MemoryAlertRows } from "../../support/memory/alert-rows.ts";
import { subject, target } from "./support.ts";

const to = target({ type: "ntfy", url: "http://x/y" });
const entry = (entryId: string) => ({ entryId, rule: "people", subject: subject(), target: to, messages: 1 });

function gateOver(rows: AlertRows): AlertGate {
  return new AlertGate({ rows, names: new AlertRowNames(Buffer.alloc(32, 1)), underWayMs: 20_000, clock: () => noon });
}

it("of two entries about one person that come at the same time, one is told of", async () => {
  const gate = gateOver(new MemoryAlertRows(() => noon));
  const passed = await Promise.all(["one", "other"].map((id) => gate.pass(entry(id))));
  expect(passed.sort()).toEqual(["cooldown", "tell"]);
});

it("where somebody else is always faster, nothing is told of, and a channel has no room", async () => {
  const rows = new MemoryAlertRows(() => noon);
  const gate = gateOver({ get: (names) => rows.get(names), put: async () => false });
  await expect(gate.pass(entry("one"))).rejects.toThrow("it is tried again");
  expect(await gate.claim(to, { messages: 1, isUrgent: true, box: null })).toBe(false);
});
