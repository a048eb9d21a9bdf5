import { describe, expect, it, vi } from "vitest";
import { ManualClock, receiver, until } from "../../unit/simulator/support.ts";
import { keyOf, running } from "./support.ts";

const logOf = () => ({ info: vi.fn(), warn: vi.fn(), error: vi.fn() });

describe("The log or the status shows", () => {
  it("requests at the relay without a known key, and never the key", async () => {
    const log = logOf();
    const clock = new ManualClock();
    const bridge = await running({ cloud: (await receiver()).url, boxes: { "gate-1": null } }, { log, clock });
    expect(bridge.status().unadmitted).toBeNull();
    for (let count = 0; count < 3; count++) await fetch(bridge.relay("unknown"), { method: "POST", body: "{}" });
    expect(bridge.status().unadmitted).toEqual({ times: 3, at: clock.now(), from: "127.0.0.1" });
    expect(log.warn.mock.calls).toEqual([
      ["refused at the relay: no key of the file in the URL", { from: "127.0.0.1", times: 1 }],
    ]);
    const metrics = await (await fetch(`http://127.0.0.1:${bridge.metricsPort}/metrics`)).text();
    expect(metrics).toContain("\ngatepost_bridge_unadmitted_total 3\n");
    expect(JSON.stringify([bridge.status(), log.warn.mock.calls])).not.toContain(keyOf("unknown"));
  });

  it("when a box last posted", async () => {
    const clock = new ManualClock();
    const bridge = await running({ cloud: (await receiver()).url, boxes: { "gate-1": null } }, { clock });
    expect(bridge.status().boxes[0]?.posted).toBeNull();
    clock.move(5000);
    await fetch(bridge.relay("gate-1"), { method: "POST", body: "{}" });
    expect(bridge.status().boxes[0]?.posted).toBe(clock.now());
  });

  it("lost reports, once a minute", async () => {
    const log = logOf();
    const clock = new ManualClock();
    const written = { cloud: (await receiver(() => 503)).url, boxes: { "gate-1": null }, inSpool: "  max_age: 1m" };
    const bridge = await running(written, { log, clock });
    for (let count = 0; count < 3; count++) await fetch(bridge.relay("gate-1"), { method: "POST", body: "{}" });
    await until(() => {
      clock.move(5000);
      return log.error.mock.calls.length > 0;
    });
    expect(log.error.mock.calls[0]).toEqual([
      "the spool was full, or reports waited too long: they are lost",
      { reports: 3 },
    ]);
  });

  it("why the cloud does not take anything, once, and that it does again", async () => {
    const log = logOf();
    const answers = [401, 401, 503, 200];
    const cloud = await receiver((_, index) => answers[index] ?? 200);
    const clock = new ManualClock();
    const bridge = await running({ cloud: cloud.url, boxes: { "gate-1": null } }, { log, clock, random: () => 0 });
    await fetch(bridge.relay("gate-1"), { method: "POST", body: "{}" });
    await until(() => {
      clock.move(1000);
      return bridge.status().boxes[0]?.waiting === 0;
    });
    await until(() => log.info.mock.calls.length > 0);
    expect(log.warn.mock.calls).toEqual([
      ["not delivered, trying again", { box: "gate-1", why: "401 the cloud does not know this key: was it revoked?" }],
      ["not delivered, trying again", { box: "gate-1", why: "503 no" }],
    ]);
    expect(log.info.mock.calls).toEqual([["delivering again", { box: "gate-1" }]]);
  });

  it("refused reports", async () => {
    const log = logOf();
    const cloud = await receiver(() => 403);
    const bridge = await running({ cloud: cloud.url, boxes: { "gate-1": null } }, { log });
    await fetch(`${bridge.relay("gate-1")}/HistoryEvent`, { method: "POST", body: "{}" });
    await until(() => log.warn.mock.calls.length > 0);
    const facts = { box: "gate-1", path: "/HistoryEvent", why: "403 no" };
    expect(log.warn.mock.calls).toEqual([["refused, on the side list", facts]]);
  });
});
