import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noon } from "../../../contract/samples.ts";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let door: Subscriber;
let desk: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime();
  [door, desk] = [await deps.subscriber(), await deps.subscriber()];
  await deps.setRules([rule("door", door.url, { maxAgeSeconds: 5 }), rule("desk", desk.url)]);
});
afterEach(() => deps.close());

const ages = ({ delivered }: Subscriber) => delivered.map(({ headers }) => headers["gatepost-age-ms"]);

describe("a rule with maxAgeSeconds", () => {
  it("gets newer entries, with their age", async () => {
    await deps.announce("a");
    deps.setClock(noon + 4000);
    await deps.settle();
    expect(ages(door)).toEqual(["4000"]);
    expect(ages(desk)).toEqual(["4000"]);
  });

  it("does not get older entries, which other rules get", async () => {
    const entry = await deps.announce("a");
    deps.setClock(noon + 5001);
    await deps.settle();
    expect([door.delivered, await deps.deadLetters()]).toEqual([[], []]);
    expect(ages(desk)).toEqual(["5001"]);
    const shown = await deps.runtime.reads.deliveries.ofEvents([eventOf(entry)]);
    expect(shown.get(entry.id)).toMatchObject([
      { rule: "desk", state: "delivered" },
      { rule: "door", state: "too-late", tries: 0 },
    ]);
    expect(deps.logged).toContainEqual({
      level: "info",
      message: "entry too old for its rule, not delivered",
      facts: { rule: "door", entry: expect.any(String), ageMs: 5001 },
    });
  });

  it("is checked again at every try, and blocks no later entry", async () => {
    door.answer(503);
    await deps.announce("a");
    await deps.settle();
    await deps.advance(5001, 250);
    expect(door.delivered.length).toBeGreaterThan(1);
    expect(Number(ages(door).at(-1))).toBeLessThanOrEqual(5000);
    door.answer(200);
    await deps.announce("b", "1001", { time: noon + 5000, receivedAt: noon + 5000 });
    await deps.settle();
    expect(ages(door).at(-1)).toBe("1");
  });

  it("does not get entries of an unknown time", async () => {
    await deps.announce("a", "1001", { time: 0 });
    await deps.settle();
    expect(door.delivered).toEqual([]);
    expect(ages(desk)).toEqual([undefined]);
  });

  it("does not get an entry again that is put on the bus again", async () => {
    const entry = await deps.announce("a");
    deps.setClock(noon + minute);
    await deps.settle();
    await deps.runtime.ingest.bus.put(entry);
    await deps.settle();
    expect(door.delivered).toEqual([]);
  });
});
