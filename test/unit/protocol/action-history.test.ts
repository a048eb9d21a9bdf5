import { actionChange, isChangeKept, limits } from "@gatepost/protocol";
import { expect, it } from "vitest";

const at = "2026-11-20T12:00:00.000Z";

it("describes a change with the known facts only", () => {
  expect(actionChange({ state: "pending", reason: null, by: null }, at)).toEqual({ state: "pending", at });
  expect(actionChange({ state: "done", reason: "as 4711", by: "key_1" }, at)).toEqual({
    state: "done",
    at,
    reason: "as 4711",
    by: "key_1",
  });
  expect(actionChange({ state: "pending", reason: null, by: null, decision: "undo" }, at)).toEqual({
    state: "pending",
    at,
    decision: "undo",
  });
});

it("cuts a reason at a whole character", () => {
  const { reasonCharacters } = limits.actionHistory;
  const { reason = "" } = actionChange(
    { state: "failed", reason: `${"x".repeat(reasonCharacters - 1)}😀`, by: null },
    at,
  );
  expect(reason.length).toBe(reasonCharacters);
  expect(reason.isWellFormed()).toBe(true);
});

it.each([1, 2, limits.actionHistory.changes, limits.actionHistory.changes + 1, 100])(
  "keeps the first and the last of %i changes",
  (count) => {
    const kept = Array.from({ length: count }, (_, index) => index).filter((index) => isChangeKept(index, count));
    const { changes } = limits.actionHistory;
    expect(kept).toHaveLength(Math.min(count, changes));
    expect([kept[0], kept.at(-1)]).toEqual([0, count - 1]);
    expect(kept.slice(1)).toEqual(Array.from({ length: kept.length - 1 }, (_, n) => count - kept.length + 1 + n));
  },
);
