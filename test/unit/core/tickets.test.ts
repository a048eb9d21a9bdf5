import { Tickets } from "@gatepost/core/tickets";
import { MemoryItems } from "@gatepost/store";
import { expect, it } from "vitest";

const hour = 60 * 60 * 1000;

function ticketsInMemory(failure: "not-done" | null = null) {
  const clock = () => 0;
  const items = new MemoryItems({ clock, fault: ({ is }) => (is === "remove" ? failure : null) });
  return new Tickets(items, clock);
}

it("a ticket opens nothing again after its removal failed", async () => {
  const tickets = ticketsInMemory("not-done");
  await tickets.issue("ticket", "token", hour);
  await expect(tickets.redeem("ticket")).rejects.toThrow("remove");
  expect(await tickets.redeem("ticket")).toBeNull();
});

it("a ticket is not issued to two tokens", async () => {
  const tickets = ticketsInMemory();
  await tickets.issue("ticket", "token", hour);
  await expect(tickets.issue("ticket", "another", hour)).rejects.toThrow("exists already");
  expect(await tickets.find("ticket")).toBe("token");
});
