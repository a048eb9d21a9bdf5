import { AlertRowNames, AlertRows } from "@gatepost/core/alerts";
import { MemoryItems } from "@gatepost/store";
import { expect, it, vi } from "vitest";
import { AlertGate } from "../../../packages/alerts/src/gate/gate.ts";
import { noon } from "../../contract/samples.ts";
import { subject, target } from "./support.ts";

const to = target({ type: "ntfy", url: "http://x/y" });
const entry = (entryId: string) => ({ entryId, rule: "people", subject: subject(), target: to, messages: 1 });

const clock = () => noon;

function rowsInMemory(): AlertRows {
  return new AlertRows(new MemoryItems({ clock }), clock);
}

function gateOver(rows: AlertRows): AlertGate {
  return new AlertGate({ rows, names: new AlertRowNames(Buffer.alloc(32, 1)), underWayMs: 20_000, clock });
}

it("two simultaneous entries about one person give one alert", async () => {
  const gate = gateOver(rowsInMemory());
  const passed = await Promise.all(["one", "other"].map((id) => gate.pass(entry(id))));
  expect(passed.sort()).toEqual(["cooldown", "tell"]);
});

it("an entry that always loses the write is tried again, and claims no room", async () => {
  const rows = rowsInMemory();
  vi.spyOn(rows, "put").mockResolvedValue(false);
  const gate = gateOver(rows);
  await expect(gate.pass(entry("one"))).rejects.toThrow("it is tried again");
  expect(await gate.claim(to, { messages: 1, isUrgent: true, box: null })).toBe(false);
});

it("a retry does not count against the limit of a second", async () => {
  const gate = gateOver(rowsInMemory());
  const asked = (id: string, person: string) => ({
    ...entry(id),
    rule: id,
    subject: subject({ id: person }),
    aSecond: 1,
  });
  expect(await gate.pass(asked("one", "a"))).toBe("tell");
  expect(await gate.pass(asked("other", "b"))).toBe("storm");
  expect(await gate.pass(asked("one", "a"))).toBe("tell");
});

it("two chats of one bot have separate limits", async () => {
  const gate = gateOver(rowsInMemory());
  const chat = (to: string) => target({ type: "telegram", secret: "1:token", to });
  const room = { messages: 1, isUrgent: false, box: null, aSecond: 1 };
  expect(await gate.claim(chat("-1001"), room)).toBe(true);
  expect(await gate.claim(chat("-1002"), room)).toBe(true);
  expect(await gate.claim(chat("-1001"), room)).toBe(false);
});

it("a cooldown for each person delays alerts of other gates, except of strangers", async () => {
  const anywhere = target({ type: "ntfy", url: "http://x/y", cooldownPer: "person" });
  const at = (name: string, person = {}) => ({ subject: subject(person, { name }), target: anywhere });
  const gate = gateOver(rowsInMemory());
  expect(await gate.pass({ ...entry("east"), ...at("东门") })).toBe("tell");
  expect(await gate.pass({ ...entry("west"), ...at("西门") })).toBe("cooldown");
  const strangers = gateOver(rowsInMemory());
  const stranger = { type: "stranger" } as const;
  expect(await strangers.pass({ ...entry("1"), ...at("东门", stranger) })).toBe("tell");
  expect(await strangers.pass({ ...entry("2"), ...at("西门", stranger) })).toBe("storm");
  expect(await strangers.pass({ ...entry("3"), ...at("东门", stranger) })).toBe("cooldown");
});
