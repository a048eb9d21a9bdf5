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
  it("lead to what was announced only from what is pending", () => {
    expect(actionStates.filter((from) => mayBecome(from, "announced"))).toEqual(["pending"]);
  });

  it("lead to done from each but what is withheld", () => {
    expect(actionStates.filter((from) => mayBecome(from, "done"))).toEqual(["pending", "announced", "done", "failed"]);
  });

  it("lead to failed from each but what is withheld or done", () => {
    expect(actionStates.filter((from) => mayBecome(from, "failed"))).toEqual(["pending", "announced", "failed"]);
  });

  it("lead to withheld only before the announcement", () => {
    expect(actionStates.filter((from) => mayBecome(from, "withheld"))).toEqual(["pending"]);
  });

  it("lead nowhere else", () => {
    expect(Object.keys(actionTransitions)).toEqual(["announced", "withheld", "done", "failed"]);
  });
});

describe("what a subscriber says of an action", () => {
  const held = { state: "failed", reason: "camera offline" } as const;

  it("is unknown if there is no such action", () => {
    expect(answerSettlement(null, settlementOf("done", null))).toEqual({ answer: "unknown", isNews: false });
  });

  it("is refused if no transition leads there", () => {
    const withheld = { state: "withheld", reason: null } as const;
    expect(answerSettlement(withheld, settlementOf("done", null))).toEqual({ answer: "refused", isNews: false });
  });

  it("is no news the second time", () => {
    expect(answerSettlement(held, settlementOf("failed", "camera offline"))).toEqual({
      answer: "settled",
      isNews: false,
    });
  });

  it.each([
    ["state", settlementOf("done", "camera offline")],
    ["note", settlementOf("failed", "still offline")],
    ["note, of which there is none", settlementOf("failed", null)],
  ])("is news with another %s", (_, said) => {
    expect(answerSettlement(held, said)).toEqual({ answer: "settled", isNews: true });
  });

  it("has a note of 2048 characters at most", () => {
    expect(settlementOf("done", "x".repeat(2049)).reason).toBe("x".repeat(2048));
  });

  it("has a note of whole characters, also where it is cut", () => {
    expect(settlementOf("done", `x${"𠮷".repeat(1024)}`).reason).toBe(`x${"𠮷".repeat(1023)}\ufffd`);
  });
});

describe("an action is leased", () => {
  const pending = { state: "pending", at: new Date(noon).toISOString(), heldUntil: 0 } as const;
  const lease = { before: noon, now: noon + 60_000 };

  it("if it has been pending for long enough", () => {
    expect(isLeasable(pending, lease)).toBe(true);
    expect(isLeasable(pending, { ...lease, before: noon - 1 })).toBe(false);
  });

  it("in no other state", () => {
    for (const state of ["announced", "withheld", "done", "failed"] as const)
      expect(isLeasable({ ...pending, state }, lease)).toBe(false);
  });

  it("once nobody holds it any more", () => {
    expect(isLeasable({ ...pending, heldUntil: lease.now }, lease)).toBe(true);
    expect(isLeasable({ ...pending, heldUntil: lease.now + 1 }, lease)).toBe(false);
  });
});
