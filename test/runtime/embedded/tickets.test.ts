import { expect, it } from "vitest";
import { ProcessTickets } from "../../../packages/embedded/src/tickets/tickets.ts";

const hour = 60 * 60 * 1000;

it("a key that requests endless tickets keeps other keys' tickets valid", async () => {
  const tickets = new ProcessTickets(() => 0);
  await tickets.issue("of another", "another", hour);
  for (let n = 0; n < 10_020; n++) await tickets.issue(`${n}`, "greedy", hour);
  expect(await tickets.find("of another")).toBe("another");
  expect([await tickets.find("9919"), await tickets.find("9920"), await tickets.find("10019")]).toEqual([
    null,
    "greedy",
    "greedy",
  ]);
});

it("tickets of many keys are limited: the oldest is removed", async () => {
  const tickets = new ProcessTickets(() => 0);
  for (let n = 0; n <= 10_000; n++) await tickets.issue(`${n}`, `key ${n}`, hour);
  expect([await tickets.find("0"), await tickets.find("1")]).toEqual([null, "key 1"]);
});

it("a key with expired tickets loses no valid one", async () => {
  let now = 0;
  const tickets = new ProcessTickets(() => now);
  await tickets.issue("cookie", "token", hour);
  for (let n = 0; n < 99; n++) await tickets.issue(`${n}`, "token", 60_000);
  now = 120_000;
  await tickets.issue("new", "token", hour);
  expect([await tickets.find("cookie"), await tickets.find("new")]).toEqual(["token", "token"]);
});

it("expired tickets take no room", async () => {
  let now = 0;
  const tickets = new ProcessTickets(() => now);
  for (let n = 0; n < 10_000; n++) await tickets.issue(`${n}`, `key ${n}`, n < 9000 ? hour : 3 * hour);
  now = 2 * hour;
  for (let n = 0; n < 9000; n++) await tickets.issue(`new ${n}`, `new key ${n}`, 3 * hour);
  expect([await tickets.find("8999"), await tickets.find("9000")]).toEqual([null, "key 9000"]);
});
