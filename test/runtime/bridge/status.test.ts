import { expect, it } from "vitest";
import { asMetrics, type BoxStatus, leftBehind } from "../../../packages/bridge/src/status.ts";
import { temporary } from "../../unit/simulator/support.ts";
import { reportOf, spoolIn } from "./support.ts";

const now = Date.UTC(2026, 2, 1, 12);

function boxOf(box: string, facts: Partial<BoxStatus> = {}): BoxStatus {
  const counts = { sent: 0, refused: 0, "dropped-age": 0, "dropped-space": 0, "dropped-aside": 0 };
  const waiting = { waiting: 0, bytes: 0, oldest: null, aside: 0 };
  return { box, connected: null, posted: null, lastError: null, ...waiting, ...counts, ...facts };
}

/** What Prometheus reads of one box: the lines of one metric. */
function lines(metric: string, facts: Partial<BoxStatus>, name = "gate-1") {
  const text = asMetrics({ running: true, unadmitted: null, acting: null, boxes: [boxOf(name, facts)] }, now);
  return text.split("\n").filter((line) => line.startsWith(`gatepost_bridge_${metric}`));
}

it.each<[string, Partial<BoxStatus>, string[]]>([
  ["oldest_seconds", { oldest: now - 90_500 }, ["90.5"]],
  // The clock was set back since.
  ["oldest_seconds", { oldest: now + 1000 }, ["0"]],
  ["oldest_seconds", { oldest: null }, ["0"]],
  ["connected", { connected: true }, ["1"]],
  ["connected", { connected: false }, ["0"]],
  ["connected", { connected: null }, []],
  ["last_post_timestamp_seconds", { posted: 1500 }, ["1.5"]],
  ["last_post_timestamp_seconds", { posted: null }, []],
  ["waiting_bytes", { bytes: 7 }, ["7"]],
  ["aside_reports", { aside: 3 }, ["3"]],
  ["sent_total", { sent: 5 }, ["5"]],
  ["dropped_space_total", { "dropped-space": 2 }, ["2"]],
])("%s of a box with %j is %j", (metric, facts, values) => {
  expect(lines(metric, facts)).toEqual(values.map((value) => `gatepost_bridge_${metric}{box="gate-1"} ${value}`));
});

it("a name cannot end its label or its line", () => {
  expect(lines("connected", { connected: true }, 'a"b\\c\nd')).toEqual([
    'gatepost_bridge_connected{box="a\\"b\\\\c\\nd"} 1',
  ]);
});

it("the metrics contain waiting orders only if the bridge acts", () => {
  const acting = { mode: "review" as const, waiting: 4, lastError: null, keyProblem: null, damage: null };
  const status = { running: true, unadmitted: null, boxes: [] };
  expect(asMetrics({ ...status, acting }, now)).toContain("\ngatepost_bridge_waiting_orders 4\n");
  expect(asMetrics({ ...status, acting: null }, now)).not.toContain("orders");
});

it("removed boxes are shown while the spool has their reports", async () => {
  const spool = await spoolIn(await temporary());
  for (const box of ["gate-1", "former"]) await spool.append(reportOf(box));
  expect(leftBehind(spool, ["gate-1", "empty"])).toMatchObject([{ box: "former", waiting: 1, connected: null }]);
});
