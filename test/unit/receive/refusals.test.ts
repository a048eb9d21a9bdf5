import type { ConnectionTrace, RefusalKind } from "@gatepost/core/arrivals";
import { GatepostError } from "@gatepost/core/errors";
import { newToken } from "@gatepost/core/keys";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { received } from "../../support/reports.ts";

let deps: MemoryPorts;
let trace: ConnectionTrace;
beforeEach(() => {
  deps = new MemoryPorts();
  trace = deps.refusals;
  onTestFinished(() => trace.close());
});

const refuse = (address = "192.0.2.1", kind: RefusalKind = "wrong-key") =>
  trace.note(kind, { address, segments: ["key", "HistoryEvent"] });
const said = () => deps.lines.map(({ message, facts }) => ({ message, ...facts }));
const line = (times: number, from = "192.0.2.1", kind = "wrong-key") => ({ message: "refused", kind, from, times });

describe("the log of refusals", () => {
  it("logs the first at once, and then one line a minute with the count", () => {
    for (let n = 0; n < 1000; n++) refuse();
    expect(said()).toEqual([line(1)]);
    deps.now += 60_000;
    refuse();
    refuse();
    expect(said()).toEqual([line(1), line(1000)]);
  });

  it("has a line for those behind a clock that was set back, too", () => {
    refuse();
    deps.now -= 24 * 60 * 60_000;
    refuse();
    deps.now += 60_000;
    for (let n = 0; n < 3; n++) refuse();
    expect(said()).toEqual([line(1), line(1), line(1)]);
  });

  it("separates addresses and kinds", () => {
    refuse();
    refuse("192.0.2.2");
    refuse("192.0.2.1", "too-large");
    expect(said()).toEqual([line(1), line(1, "192.0.2.2"), line(1, "192.0.2.1", "too-large")]);
  });

  it("logs the count of an address that does not return, and then forgets it", () => {
    refuse();
    refuse();
    refuse();
    trace.flush();
    expect(said()).toEqual([line(1)]);
    deps.now += 60_000;
    trace.flush();
    deps.now += 60_000;
    trace.flush();
    trace.flush();
    expect(said()).toEqual([line(1), line(2)]);
  });

  it("has fifty lines a minute, and one sum of the rest", () => {
    for (let n = 0; n < 80; n++) refuse(`192.0.2.${n}`);
    expect(said()).toHaveLength(50);
    deps.now += 60_000;
    refuse("198.51.100.1");
    expect(said().slice(50)).toEqual([
      { message: "refused, and not listed one by one", times: 30 },
      line(1, "198.51.100.1"),
    ]);
  });

  it("continues after the clock was set back by hours", () => {
    for (let n = 0; n < 60; n++) refuse(`192.0.2.${n}`);
    deps.now -= 8 * 3_600_000;
    refuse("192.0.2.0");
    expect(said().slice(50)).toEqual([
      { message: "refused, and not listed one by one", times: 10 },
      line(1, "192.0.2.0"),
    ]);
    deps.now += 60_000;
    refuse("192.0.2.0");
    expect(said()).toHaveLength(53);
  });

  it("logs the remaining counts when it ends", () => {
    refuse();
    refuse();
    trace.close();
    expect(said()).toEqual([line(1), { message: "refused, and not listed one by one", times: 1 }]);
    trace.close();
    expect(said()).toHaveLength(2);
  });

  it("keeps every count, though it forgets addresses", () => {
    for (let n = 0; n < 10_060; n++) refuse(`address ${n}`);
    refuse("address 10059");
    trace.close();
    const counts = said().map((one) => Number("times" in one ? one.times : 0));
    expect(counts.reduce((sum, times) => sum + times, 0)).toBe(10_061);
  });

  it("logs counts once a minute even without further refusals", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    refuse();
    refuse();
    deps.now += 60_000;
    vi.advanceTimersByTime(60_000);
    expect(said()).toEqual([line(1), line(1)]);
  });
});

describe("the last refusals", () => {
  it.each([["v1", "sessions"], ["docs"], ["assets", "a.js"], ["live"], ["openapi.json"]])(
    "do not have /%s: people and readers are no boxes",
    (...segments) => {
      refuse();
      trace.note("wrong-key", { address: "192.0.2.9", segments });
      expect(trace.recent).toMatchObject([{ from: "192.0.2.1" }]);
      expect(said()).toContainEqual(line(1, "192.0.2.9"));
    },
  );

  it("are two hundred, the newest first", () => {
    for (let n = 0; n < 250; n++) refuse(`${n}`);
    expect(trace.recent).toHaveLength(200);
    expect(trace.recent[0]).toEqual({
      at: new Date(received).toISOString(),
      kind: "wrong-key",
      from: "249",
      path: "/…/HistoryEvent",
    });
  });

  it.each([
    [["gpi_almost a key", "RealTimeEvent"], "/…/RealTimeEvent"],
    [["HistoryEvent"], "/HistoryEvent"],
    [["EventServer", "api", "HistoryEvent"], "/EventServer/api/HistoryEvent"],
    [["HistoryEvent", newToken("ingest")], "/HistoryEvent/…"],
    [["HistoryEvent", `x${newToken("read")}`], "/HistoryEvent/…"],
    [[], "/"],
    [["key", "x".repeat(100)], `/…/${"x".repeat(60)}…`],
  ])("show of %j %j", (segments, path) => {
    trace.note("wrong-key", { address: "a".repeat(100), segments });
    expect(trace.recent).toMatchObject([{ path, from: `${"a".repeat(63)}…` }]);
    expect(path.length).toBeLessThanOrEqual(64);
  });
});

describe("a request", () => {
  it("is recorded, without its key, if the key is unknown, revoked or of another scope", async () => {
    const reading = deps.addKey("read", null);
    const unknown = newToken("ingest");
    await send(deps, { path: `/${unknown}/HistoryEvent` });
    await send(deps, { path: "/HistoryEvent", query: `token=${reading}` });
    expect(trace.recent).toMatchObject([
      { kind: "wrong-scope", path: "/HistoryEvent", from: "198.51.100.7" },
      { kind: "wrong-key", path: "/…/HistoryEvent" },
    ]);
    expect(JSON.stringify([trace.recent, deps.lines])).not.toContain("gp");
  });

  it("is recorded if it is refused after too many others", async () => {
    for (let n = 0; n < 31; n++) await send(deps, { path: `/${newToken("ingest")}` });
    expect(trace.recent[0]).toMatchObject({ kind: "too-many", path: "/…" });
  });

  it("is not recorded after other failures", () => {
    trace.noteError(new Error("disk full"), { address: "a", segments: [] });
    trace.noteError(new GatepostError("unavailable", "later"), { address: "a", segments: [] });
    expect(trace.recent).toEqual([]);
  });
});

describe("refused connections", () => {
  const refuseConnection = (address: string) => trace.noteConnection("not-http", { address, segments: [] });

  it("are counted by address and reason, the latest first", () => {
    refuseConnection("192.0.2.1");
    refuseConnection("192.0.2.2");
    trace.noteConnection("too-slow", { address: "192.0.2.1", segments: [] });
    deps.now += 1000;
    refuseConnection("192.0.2.1");
    const [before, last] = [new Date(deps.now - 1000).toISOString(), new Date(deps.now).toISOString()];
    expect(trace.connections).toEqual([
      { reason: "not-http", from: "192.0.2.1", count: 2, last },
      { reason: "too-slow", from: "192.0.2.1", count: 1, last: before },
      { reason: "not-http", from: "192.0.2.2", count: 1, last: before },
    ]);
    expect(said()).toContainEqual(line(1, "192.0.2.2", "not-http"));
  });

  it("are kept of the last 200 addresses", () => {
    for (let n = 0; n < 300; n++) refuseConnection(`192.0.2.${n}`);
    expect(trace.connections).toHaveLength(200);
    expect(trace.connections[0]?.from).toBe("192.0.2.299");
  });
});
