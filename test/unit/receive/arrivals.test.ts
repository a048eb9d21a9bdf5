import { ArrivalTrace } from "@gatepost/core/arrivals";
import { GatepostError } from "@gatepost/core/errors";
import { describe, expect, it } from "vitest";

const at = "2026-11-20T12:00:00.000Z";
const arrived = { path: ["HistoryEvent"], bytes: 41216, address: "192.168.1.25" };
const seen = { at, path: "/HistoryEvent", bytes: 41216, from: "192.168.1.25" };
const trace = () => new ArrivalTrace(() => Date.parse(at));
const event = { event: { id: "evt_1", kind: "history" as const, outcome: "created" as const }, quarantined: null };

describe("the latest arrivals of a box", () => {
  it("contain the outcome of each report, newest first", () => {
    const arrivals = trace();
    const quarantined = { id: "qrt_1", reason: "not-json" };
    arrivals.note("gate-1", arrived, [event, { event: null, quarantined }]);
    arrivals.note("gate-1", arrived, [{ event: null, quarantined: null }]);
    expect(arrivals.of("gate-1")).toEqual([
      { ...seen, outcome: "notice" },
      { ...seen, outcome: "quarantined", quarantine: "qrt_1", reason: "not-json" },
      { ...seen, outcome: "event", event: "evt_1", kind: "history" },
    ]);
    expect(arrivals.of("gate-2")).toEqual([]);
  });

  it("contain refused requests, but no failures of Gatepost itself", () => {
    const arrivals = trace();
    expect(arrivals.noteError("gate-1", arrived, new GatepostError("too-large", "too large"))).toBe(413);
    expect(arrivals.noteError("gate-1", arrived, new GatepostError("unavailable", "full"))).toBeNull();
    expect(arrivals.noteError("gate-1", arrived, new Error("a bug"))).toBeNull();
    expect(arrivals.of("gate-1")).toEqual([{ ...seen, outcome: "refused", status: 413 }]);
  });

  it("are at most twenty, with long texts and keys cut out", () => {
    const arrivals = trace();
    arrivals.note("gate-1", arrived, new Array(100).fill(event));
    const long = { path: [`gpi_${"a".repeat(43)}`, "x".repeat(500)], bytes: 1, address: "f".repeat(500) };
    arrivals.note("gate-1", long, [event]);
    const [last] = arrivals.of("gate-1");
    expect(arrivals.of("gate-1")).toHaveLength(20);
    expect(last?.path).toHaveLength(64);
    expect(last?.from).toHaveLength(64);
    expect(last?.path).not.toContain("gpi_a");
  });

  it("are kept for the ten thousand boxes that sent last", () => {
    const arrivals = trace();
    for (let box = 0; box <= 10_000; box += 1) arrivals.note(`${box}`, arrived, [event]);
    expect(arrivals.of("0")).toEqual([]);
    expect(arrivals.of("1")).toHaveLength(1);
  });
});
