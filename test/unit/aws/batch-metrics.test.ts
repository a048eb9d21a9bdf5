import { beforeEach, expect, it } from "vitest";
import { batchMetrics, type Count, type Counted, type MetricCounts } from "../../../packages/aws/src/lambda/metrics.ts";

let now: number;
let lines: (Counted & MetricCounts)[];
let count: Count;
beforeEach(() => {
  now = 0;
  lines = [];
  count = batchMetrics(
    (whose, counts) => void lines.push({ ...whose, ...counts }),
    () => now,
  );
});

const whose = { box: "gate-1", dialect: "history-nested" };
const accepted = { accepted: 1, flagged: 0, bytes: 100 };
const counted = (dialect: string | null = whose.dialect) =>
  lines.filter((line) => line.dialect === dialect).reduce((sum, { accepted = 0 }) => sum + accepted, 0);

it("a report of an idle process is counted at once, even if several arrive together", () => {
  for (const at of [0, 10, 20, 30, 5000, 5001, 10_000]) {
    now = at;
    count(whose, accepted);
  }
  expect(lines).toEqual(Array.from({ length: 7 }, () => ({ ...whose, ...accepted })));
});

it("more than ten at once are batchMetrics, ten to a line with the last box", () => {
  for (let n = 0; n < 10; n++) count(whose, accepted);
  expect(lines).toHaveLength(10);
  for (let n = 0; n < 9; n++) count(whose, accepted);
  expect(lines).toHaveLength(10);
  count({ ...whose, box: "gate-2" }, accepted);
  expect(lines[10]).toEqual({ ...whose, box: "gate-2", accepted: 10, flagged: 0, bytes: 1000 });
});

it("waiting counts are written with the first report after a second, of any dialect", () => {
  for (let n = 0; n < 12; n++) count(whose, accepted);
  const other = { ...whose, dialect: "ws-v5" };
  now = 999;
  count(other, accepted);
  expect(counted()).toBe(10);
  now = 1000;
  count(other, accepted);
  expect([counted(), counted("ws-v5")]).toEqual([12, 2]);
  now = 1500;
  count(whose, accepted);
  expect(counted()).toBe(13);
});

it.each([5, 30, 70, 400, 3000])("no report is counted twice, and at most nine wait, with one in %i ms", (every) => {
  let sent = 0;
  for (now = 0; now < 20_000; now += every) {
    count(whose, accepted);
    sent += 1;
    expect(sent - counted()).toBeGreaterThanOrEqual(0);
    expect(sent - counted()).toBeLessThanOrEqual(9);
  }
  // Lines: the first ten, and then one a second or for ten reports.
  expect(lines.length).toBeLessThanOrEqual(10 + 20 + sent / 10);
  now += 1000;
  count(whose, accepted);
  expect(counted()).toBe(sent + 1);
});

it("a clock that is set back writes no more lines for it", () => {
  now = 60_000;
  for (let n = 0; n < 10; n++) count(whose, accepted);
  now = 0;
  for (let n = 0; n < 9; n++) count(whose, accepted);
  expect(lines).toHaveLength(10);
});

it.each([
  [{ accepted: 1, flagged: 1, bytes: 5 }],
  [{ duplicate: 1 }],
  [{ accepted: 1, pending: 1, flagged: 0, bytes: 5 }],
  [{ quarantined: 1 }],
  [{ announced: 1 }],
])("notable counts are written at once, with the waiting ones: %j", (counts: MetricCounts) => {
  for (let n = 0; n < 11; n++) count(whose, accepted);
  count(whose, counts);
  expect(lines).toHaveLength(11);
  expect(lines[10]).toMatchObject({ accepted: 1 + (counts.accepted ?? 0), bytes: 100 + (counts.bytes ?? 0) });
});

it("each dialect is counted separately", () => {
  count(whose, accepted);
  count({ ...whose, dialect: "ws-v5" }, accepted);
  count({ ...whose, dialect: null }, { quarantined: 1 });
  expect(lines.map(({ dialect }) => dialect)).toEqual(["history-nested", "ws-v5", null]);
});
