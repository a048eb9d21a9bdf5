import { type ActionOrder, applyOrder, type OrderedAction, type OrderReport } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";

const said = { by: "key_1", at: "2026-11-05T04:00:00.000Z" };
const request = {
  person: "s.1",
  name: "Ada",
  type: "vip" as const,
  group: "staff",
  photo: "p1",
  note: null,
  validFrom: null,
  validUntil: null,
  host: null,
  boxes: ["gate-1", "gate-2"],
};
const approve: ActionOrder = { kind: "approve", request };
const undo: ActionOrder = { kind: "undo" };
const announced: OrderedAction = {
  state: "announced",
  reason: null,
  at: "2026-11-05T03:00:00.000Z",
  approval: null,
  decline: null,
};

const report = (facts: Partial<OrderReport>): ActionOrder => ({
  kind: "report",
  report: { state: "done", note: null, boxes: null, number: null, automatic: null, ...facts },
});
const at = (box: string, state: "done" | "failed" = "done", reason: string | null = null) => ({ box, state, reason });

/** The action after some orders, each of which was taken. */
function after(...orders: ActionOrder[]): OrderedAction {
  return orders.reduce<OrderedAction>((held, order) => {
    const { answer, next } = applyOrder(held, order, said);
    expect(answer).toEqual({ answer: "taken" });
    return next ?? held;
  }, announced);
}

const refusalOf = (held: OrderedAction, order: ActionOrder) => applyOrder(held, order, said).answer;

describe("an approval", () => {
  it("opens the action again, with who ordered what, for each box", () => {
    const { answer, next } = applyOrder({ ...announced, state: "failed", reason: "no" }, approve, said);
    expect(answer).toEqual({ answer: "taken" });
    expect(next).toEqual({
      state: "announced",
      reason: null,
      at: said.at,
      decline: null,
      approval: {
        number: 1,
        order: "approve",
        isAutomatic: false,
        person: "s.1",
        name: "Ada",
        type: "vip",
        group: "staff",
        photo: "p1",
        note: null,
        validFrom: null,
        validUntil: null,
        host: null,
        boxes: ["gate-1", "gate-2"].map((box) => ({ box, state: "waiting", reason: null })),
        earlierBoxes: [],
        since: said.at,
        isOpen: true,
        ...said,
      },
      change: { state: "announced", decision: "approve", reason: "Ada, vip, staff; 2 boxes", by: "key_1" },
    });
  });

  it("leaves an unannounced action unannounced", () => {
    const of = { ...request, name: null, type: null, group: null, boxes: ["gate-1"] };
    const { next } = applyOrder({ ...announced, state: "pending" }, { kind: "approve", request: of }, said);
    expect(next).toMatchObject({ state: "pending", change: { state: "pending", reason: "1 box" } });
  });

  it("is one if it is repeated, for any order of boxes; different ones are refused", () => {
    const held = after(approve);
    const again = { ...request, boxes: ["gate-2", "gate-1"] };
    expect(applyOrder(held, { kind: "approve", request: again }, said)).toEqual({
      answer: { answer: "taken" },
      next: null,
    });
    for (const other of [
      { name: "Eve" },
      { type: "visitor" as const },
      { group: null },
      { photo: "p2" },
      { validUntil: said.at },
      { host: "Grace" },
      { boxes: ["gate-1"] },
    ]) {
      expect(refusalOf(held, { kind: "approve", request: { ...request, ...other } })).toMatchObject({
        answer: "refused",
        reason: expect.stringContaining("approved otherwise by key_1"),
      });
    }
    expect(refusalOf(after(approve, undo), approve)).toMatchObject({ reason: expect.stringContaining("being undone") });
  });

  it("equals an older one without a photo", () => {
    const held = after({ kind: "approve", request: { ...request, photo: null } });
    expect(applyOrder(held, approve, said)).toEqual({ answer: { answer: "taken" }, next: null });
  });

  it("is refused for a withheld action, and unknown for a missing one", () => {
    expect(refusalOf({ ...announced, state: "withheld", reason: "poor" }, approve)).toMatchObject({
      answer: "refused",
      reason: expect.stringContaining("too poor"),
    });
    expect(applyOrder(null, approve, said)).toEqual({ answer: { answer: "unknown" }, next: null });
  });

  it("is possible again after its end, and an undo reaches the boxes of both", () => {
    const first = after(approve, report({ boxes: [at("gate-1"), at("gate-2", "failed", "full")], state: "failed" }));
    const elsewhere = { ...request, boxes: ["gate-2", "gate-3"] };
    const second = applyOrder(first, { kind: "approve", request: elsewhere }, said).next;
    expect(second?.approval).toMatchObject({ number: 2, isOpen: true, earlierBoxes: ["gate-1"] });
    const undone = applyOrder(second, undo, said).next;
    expect(undone?.approval).toMatchObject({ number: 3, order: "undo", name: "Ada", photo: "p1", earlierBoxes: [] });
    expect(undone?.approval?.boxes.map(({ box }) => box)).toEqual(["gate-2", "gate-3", "gate-1"]);
  });
});

describe("an undo", () => {
  it("is refused without an order before it, and otherwise is in the history", () => {
    expect(refusalOf(announced, undo)).toMatchObject({ reason: expect.stringContaining("nothing to undo") });
    const { next } = applyOrder(after(approve, report({})), undo, said);
    expect(next).toMatchObject({
      state: "announced",
      change: { decision: "undo", reason: "Ada, vip, staff; 2 boxes" },
    });
  });

  it("is one if it is repeated, during it and after it", () => {
    for (const held of [after(approve, undo), after(approve, undo, report({}))]) {
      expect(applyOrder(held, undo, said)).toEqual({ answer: { answer: "taken" }, next: null });
    }
  });

  it("is retried at a failed box, and leaves nothing to undo after a new approval", () => {
    const boxes = [at("gate-1"), at("gate-2", "failed", "gone")];
    const held = after(approve, undo, report({ state: "failed", boxes }));
    expect(held).toMatchObject({ state: "failed", reason: "gone" });
    expect(applyOrder(held, undo, said).next?.approval?.boxes.map(({ box }) => box)).toEqual(["gate-2"]);
    const again = after(approve, undo, report({}), approve);
    expect(again.approval).toMatchObject({ number: 3, earlierBoxes: [] });
  });
});

describe("a report", () => {
  it("is done once all boxes are done, and waits for the others", () => {
    const half = after(approve, report({ boxes: [at("gate-1")], number: 1 }));
    expect(half).toMatchObject({ state: "announced", approval: { isOpen: true } });
    const whole = applyOrder(half, report({ boxes: [at("gate-2")], note: "all well" }), said).next;
    expect(whole).toMatchObject({ state: "done", reason: "all well", approval: { isOpen: false } });
    expect(whole?.change).toEqual({ state: "done", reason: "all well", by: "key_1" });
  });

  it("is failed if any box failed, with each reason once, and may become done there", () => {
    const failed = [at("gate-1", "failed", "library full"), at("gate-2", "failed", "library full")];
    const held = after(approve, report({ state: "failed", boxes: failed }));
    expect(held).toMatchObject({ state: "failed", reason: "library full", approval: { isOpen: false } });
    const better = applyOrder(held, report({ boxes: [at("gate-1")] }), said).next;
    expect(better).toMatchObject({ state: "failed", approval: { boxes: [at("gate-1"), failed[1]] } });
    expect(applyOrder(better, report({ boxes: [at("gate-2")] }), said).next).toMatchObject({ state: "done" });
    expect(after(approve, report({ state: "failed", boxes: [at("gate-1", "failed")] })).reason).toBe("failed");
  });

  it("changes nothing if it is repeated; a finished box stays done", () => {
    const boxes = [at("gate-1"), at("gate-2")];
    const held = after(approve, report({ boxes }));
    expect(applyOrder(held, report({ boxes }), said)).toEqual({ answer: { answer: "taken" }, next: null });
    expect(refusalOf(held, report({ state: "failed", boxes: [at("gate-1", "failed", "late")] }))).toMatchObject({
      reason: expect.stringContaining("done already"),
    });
  });

  it("applies to every unfinished box if it names none", () => {
    const held = after(approve, report({ boxes: [at("gate-1")] }), report({ state: "failed", note: "x".repeat(500) }));
    expect(held.approval?.boxes).toEqual([at("gate-1"), at("gate-2", "failed", "x".repeat(200))]);
    expect(held).toMatchObject({ state: "failed", reason: "x".repeat(500) });
  });

  it("is refused for an older order, or for a box that was not chosen", () => {
    const held = after(approve, undo);
    expect(refusalOf(held, report({ number: 1 }))).toMatchObject({
      reason: expect.stringContaining("orders have changed"),
    });
    expect(refusalOf(held, report({ boxes: [at("gate-9")] }))).toMatchObject({
      reason: "it was not to be done at the box gate-9",
    });
  });

  it("settles the action without an order as before", () => {
    expect(after(report({ note: "by hand" }))).toEqual({
      state: "done",
      reason: "by hand",
      at: said.at,
      approval: null,
      decline: null,
      change: { state: "done", reason: "by hand", by: "key_1" },
    });
    const done = after(report({}));
    expect(applyOrder(done, report({}), said)).toEqual({ answer: { answer: "taken" }, next: null });
    expect(refusalOf(done, report({ state: "failed" }))).toMatchObject({ answer: "refused" });
    const ended = after(approve, report({}));
    expect(after(approve, report({}), report({ note: "checked" }))).toMatchObject({
      reason: "checked",
      approval: ended.approval,
    });
  });

  it("is kept as an order if there was none, so that it can be undone", () => {
    const automatic = { person: "77", name: "Ada" };
    const own = report({ boxes: [at("gate-1")], automatic });
    const held = after(own);
    expect(held).toMatchObject({
      state: "done",
      approval: { ...automatic, number: 1, isAutomatic: true, order: "approve", isOpen: false, type: null },
    });
    expect(after(own, own)).toEqual(held);
    const undone = after(own, undo);
    expect(undone.approval).toMatchObject({ number: 2, order: "undo", isAutomatic: false });
    expect(refusalOf(undone, own)).toMatchObject({ reason: expect.stringContaining("a person has ordered") });
    const withheld: OrderedAction = { ...announced, state: "withheld", reason: "poor" };
    expect(refusalOf(withheld, own)).toMatchObject({ answer: "refused" });
    expect(after(report({ automatic, note: "no boxes" })).approval).toBeNull();
  });
});

describe("the end of a visit", () => {
  const visit = { ...request, type: "visitor" as const, validUntil: "2026-11-05T10:00:00.000Z" };
  const expire = (state: "done" | "failed", reason: string | null = null): ActionOrder => ({
    kind: "expire",
    box: "gate-1",
    state,
    reason,
  });
  const held = after({ kind: "approve", request: visit }, report({ boxes: [at("gate-1"), at("gate-2")] }));

  it("is noted at its box once, and leaves the action as it is", () => {
    const { answer, next } = applyOrder(held, expire("done"), said);
    expect(answer).toEqual({ answer: "taken" });
    expect(next).toMatchObject({
      state: "done",
      at: held.at,
      change: { state: "done", decision: "expire", reason: null, by: "key_1" },
      approval: {
        boxes: [
          { box: "gate-1", state: "done", reason: "the visit ended" },
          { box: "gate-2", reason: null },
        ],
      },
    });
    expect(applyOrder(next, expire("done"), said)).toEqual({ answer: { answer: "taken" }, next: null });
  });

  it("says why the box still has the person", () => {
    const { next } = applyOrder(held, expire("failed", "no answer"), said);
    expect(next?.approval?.boxes[0]).toEqual({ box: "gate-1", state: "failed", reason: "no answer" });
    expect(next?.change.reason).toBe("no answer");
  });

  it("is refused without an approval", () => {
    expect(refusalOf(announced, expire("done"))).toMatchObject({ answer: "refused" });
  });
});
