import { connect } from "@gatepost/aws";
import { actionRequested, type BusEntry, busEntryBytes } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventBridgeBus } from "../../../packages/aws/src/bus/bus.ts";
import { useEndpoints } from "../../standins/endpoints.ts";
import { type EventBridge, startEventBridge } from "../../standins/event-bridge.ts";
import { action, noon, report } from "../samples.ts";

function entry(id: string, filling: string | null = null): BusEntry {
  const filled = report(filling === null ? {} : { extra: { filling } });
  const stored = { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [filled], actions: [] };
  return actionRequested(
    stored,
    { ...action("a", "1001"), id },
    {
      addressOf: () => ({ bucket: null, key: "x" }),
      now: noon,
    },
  );
}

describe("the bus", () => {
  let bridge: EventBridge;
  beforeEach(async () => {
    bridge = await startEventBridge();
    useEndpoints({ bus: bridge.url });
  });
  afterEach(() => bridge.close());

  const busWithin = (limit: number) => new EventBridgeBus(() => connect().events, { name: "gatepost-test", limit });

  it("gives EventBridge an entry with all that a rule may match", async () => {
    await busWithin(5000).put(entry("act_1"));
    expect(bridge.calls).toEqual([
      [
        {
          EventBusName: "gatepost-test",
          Source: "gatepost",
          DetailType: "Stranger Registration Requested",
          Detail: JSON.parse(JSON.stringify(entry("act_1").detail)),
          Time: Date.parse("2026-11-20T12:00:00.000Z") / 1000,
          Resources: [],
        },
      ],
    ]);
  });

  it("puts up to ten entries of a sweep into a call", async () => {
    const bus = busWithin(5000);
    await Promise.all(Array.from({ length: 25 }, (_, n) => bus.put(entry(`act_${n}`))));
    expect(bridge.calls.map((call) => call.length).sort()).toEqual([10, 10, 5]);
  });

  it("does not put more bytes into a call than one entry may have", async () => {
    const bus = busWithin(5000);
    const large = "x".repeat(busEntryBytes / 2);
    await Promise.all(["a", "b", "c"].map((id) => bus.put(entry(id, large))));
    expect(bridge.calls.map((call) => call.length)).toEqual([1, 1, 1]);
  });

  it("fails only the entries that were not taken, though the status is 200", async () => {
    bridge.mode = "partial";
    const bus = busWithin(5000);
    const outcomes = await Promise.allSettled(["a", "b", "c"].map((id) => bus.put(entry(id))));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(outcomes[0]).toMatchObject({ reason: { message: expect.stringContaining("InternalFailure") } });
  });

  it.each(["throttled", "garbage"] as const)("fails if EventBridge's answer is %s", async (mode) => {
    bridge.mode = mode;
    await expect(busWithin(5000).put(entry("a"))).rejects.toThrow();
  });

  it("fails if EventBridge does not answer within the limit", async () => {
    bridge.mode = "silent";
    await expect(busWithin(50).put(entry("a"))).rejects.toThrow();
  });

  it("works again after a failure", async () => {
    const bus = busWithin(5000);
    bridge.mode = "garbage";
    await expect(bus.put(entry("a"))).rejects.toThrow();
    bridge.mode = "well";
    await expect(bus.put(entry("a"))).resolves.toBe(true);
  });
});
