import {
  actionStates,
  actionTransitions,
  answerSettlement,
  isLeasable,
  mayBecome,
  settlementOf,
} from "@gatepost/protocol";
import { describe, expect, it } from "vitest";

const noon = Date.UTC(2026, 10, 20, 12);

describe("the states of an action", () => {
  it("lead to announced only from pending", () => {
    expect(actionStates.filter((from) => mayBecome(from, "announced"))).toEqual(["pending"]);
  });

  it("lead to done from every state except withheld", () => {
    expect(actionStates.filter((from) => mayBecome(from, "done"))).toEqual(["pending", "announced", "done", "failed"]);
  });

  it("lead to failed from every state except withheld and done", () => {
    expect(actionStates.filter((from) => mayBecome(from, "failed"))).toEqual(["pending", "announced", "failed"]);
  });

  it("lead to withheld only before the announcement", () => {
    expect(actionStates.filter((from) => mayBecome(from, "withheld"))).toEqual(["pending"]);
  });

  it("lead to declined from every state without a decision", () => {
    expect(actionStates.filter((from) => mayBecome(from, "declined"))).toEqual(["pending", "announced", "failed"]);
  });

  it("have no other transitions", () => {
    expect(Object.keys(actionTransitions)).toEqual(["announced", "withheld", "declined", "done", "failed"]);
  });
});

describe("a subscriber's report about an action", () => {
  const held = { state: "failed", reason: "camera offline" } as const;

  it("is unknown if there is no such action", () => {
    expect(answerSettlement(null, settlementOf("done", null))).toEqual({ answer: "unknown", isNews: false });
  });

  it("is refused if the state has no such transition", () => {
    const withheld = { state: "withheld", reason: null } as const;
    expect(answerSettlement(withheld, settlementOf("done", null))).toEqual({ answer: "refused", isNews: false });
  });

  it("changes nothing the second time", () => {
    expect(answerSettlement(held, settlementOf("failed", "camera offline"))).toEqual({
      answer: "settled",
      isNews: false,
    });
  });

  it.each([
    ["state", settlementOf("done", "camera offline")],
    ["note", settlementOf("failed", "still offline")],
    ["note, of which there is none", settlementOf("failed", null)],
  ])("is a change with another %s", (_, said) => {
    expect(answerSettlement(held, said)).toEqual({ answer: "settled", isNews: true });
  });

  it("has a reason of 2048 characters at most", () => {
    expect(settlementOf("done", "x".repeat(2049)).reason).toBe("x".repeat(2048));
  });

  it("has a reason of whole characters, even if it is cut", () => {
    expect(settlementOf("done", `x${"𠮷".repeat(1024)}`).reason).toBe(`x${"𠮷".repeat(1023)}\ufffd`);
  });
});

describe("the lease of an action", () => {
  const pending = { state: "pending", at: new Date(noon).toISOString(), heldUntil: 0 } as const;
  const lease = { before: noon, now: noon + 60_000 };

  it("is granted if it has been pending for long enough", () => {
    expect(isLeasable(pending, lease)).toBe(true);
    expect(isLeasable(pending, { ...lease, before: noon - 1 })).toBe(false);
  });

  it("is refused in every other state", () => {
    for (const state of ["announced", "withheld", "declined", "done", "failed"] as const)
      expect(isLeasable({ ...pending, state }, lease)).toBe(false);
  });

  it("is granted once an earlier lease has ended", () => {
    expect(isLeasable({ ...pending, heldUntil: lease.now }, lease)).toBe(true);
    expect(isLeasable({ ...pending, heldUntil: lease.now + 1 }, lease)).toBe(false);
  });
});
