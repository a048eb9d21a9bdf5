import { beforeEach, expect, it } from "vitest";
import type { Count, Counted, Counts } from "../../../packages/aws/src/lambda/metrics.ts";
import { summed } from "../../../packages/aws/src/lambda/summed.ts";

let now: number;
let lines: (Counted & Counts)[];
let count: Count;
beforeEach(() => {
  now = 0;
  lines = [];
  count = summed(
    (whose, counts) => void lines.push({ ...whose, ...counts }),
    () => now,
  );
});

const whose = { box: "gate-1", dialect: "history-nested" };
const accepted = { accepted: 1, flagged: 0, bytes: 100 };

it("the first report is written at once, those of the next second together with the one after it", () => {
  count(whose, accepted);
  for (let n = 0; n < 9; n++) count(whose, accepted);
  expect(lines).toEqual([{ ...whose, ...accepted }]);
  now = 999;
  count(whose, accepted);
  expect(lines).toHaveLength(1);
  now = 1000;
  count({ ...whose, box: "gate-2" }, accepted);
  expect(lines[1]).toEqual({ ...whose, box: "gate-2", accepted: 11, flagged: 0, bytes: 1100 });
});

it("no report is counted twice or left out, whatever comes when", () => {
  for (now = 0; now < 10_000; now += 70) count(whose, accepted);
  now += 1000;
  count(whose, accepted);
  expect(lines.reduce((sum, line) => sum + (line.accepted ?? 0), 0)).toBe(144);
  expect(lines).toHaveLength(11);
});

it.each([
  [{ accepted: 1, flagged: 1, bytes: 5 }],
  [{ duplicate: 1 }],
  [{ accepted: 1, pending: 1, flagged: 0, bytes: 5 }],
  [{ quarantined: 1 }],
  [{ announced: 1 }],
])("what somebody may look for is written at once, with what waits: %j", (counts: Counts) => {
  count(whose, accepted);
  count(whose, accepted);
  count(whose, counts);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ accepted: 1 + (counts.accepted ?? 0), bytes: 100 + (counts.bytes ?? 0) });
});

it("each dialect is counted by itself", () => {
  count(whose, accepted);
  count({ ...whose, dialect: "ws-v5" }, accepted);
  count({ ...whose, dialect: null }, { quarantined: 1 });
  expect(lines.map(({ dialect }) => dialect)).toEqual(["history-nested", "ws-v5", null]);
});
