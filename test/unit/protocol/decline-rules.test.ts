import { type ActionOrder, applyOrder, type OrderedAction } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";

const said = { by: "acc_1", at: "2026-11-05T04:00:00.000Z" };
const later = { by: "acc_2", at: "2026-11-05T05:00:00.000Z" };
const asked: OrderedAction = {
  state: "failed",
  reason: "no free place",
  at: "2026-11-05T03:00:00.000Z",
  approval: null,
  decline: null,
};
const request = {
  person: "s.1",
  name: "Ada",
  type: "vip" as const,
  group: null,
  photo: "p1",
  note: null,
  validFrom: null,
  validUntil: null,
  host: null,
  boxes: ["gate-1"],
};
const approve: ActionOrder = { kind: "approve", request };
const reopen: ActionOrder = { kind: "reopen" };
const decline = (facts: object = {}): ActionOrder => ({
  kind: "decline",
  reason: "delivery",
  note: null,
  person: "s.1",
  ...facts,
});

function after(held: OrderedAction, ...orders: ActionOrder[]): OrderedAction {
  return orders.reduce<OrderedAction>((one, order) => applyOrder(one, order, said).next ?? one, held);
}

describe("an action that a person declines", () => {
  it("keeps who declined it, why, and how it was", () => {
    expect(applyOrder(asked, decline({ note: "a parcel" }), said).next).toEqual({
      state: "declined",
      reason: "delivery",
      at: said.at,
      approval: null,
      decline: {
        reason: "delivery",
        note: "a parcel",
        person: "s.1",
        ...said,
        before: { state: "failed", reason: "no free place", at: asked.at },
      },
      change: { state: "declined", reason: "delivery: a parcel", by: "acc_1" },
    });
  });

  it("is as it was before, in its old place, when that is taken back", () => {
    expect(applyOrder(after(asked, decline()), reopen, later).next).toEqual({
      ...asked,
      change: { state: "failed", reason: null, by: "acc_2", decision: "reopen" },
    });
  });

  it("gets another reason if it is declined again, and none of its past is lost", () => {
    const held = after(asked, decline({ reason: null }));
    const again = applyOrder(held, decline({ reason: "poor-photo" }), later).next;
    expect(again?.decline).toMatchObject({ reason: "poor-photo", ...later, before: { state: "failed", at: asked.at } });
    expect(applyOrder(held, decline({ reason: null }), later)).toEqual({ answer: { answer: "taken" }, next: null });
  });

  it.each<[string, OrderedAction, ActionOrder, string]>([
    ["it is withheld", { ...asked, state: "withheld" }, decline(), "nothing to decline"],
    ["it is done", { ...asked, state: "done" }, decline(), "nothing to decline"],
    ["boxes are carrying it out", after(asked, approve), decline(), "under way"],
    ["it is not declined, but to be taken back", asked, reopen, "not declined"],
    ["it is declined, but approved", after(asked, decline()), approve, "take that back"],
    ["it is declined, but undone", after(asked, decline()), { kind: "undo" }, "take that back"],
    [
      "it is declined, but a box reports it",
      after(asked, decline()),
      { kind: "report", report: { state: "done", note: null, boxes: null, number: null, automatic: null } },
      "take that back",
    ],
  ])("is refused: %s", (_, held, order, reason) => {
    const { answer, next } = applyOrder(held, order, later);
    expect([answer, next]).toEqual([{ answer: "refused", reason: expect.stringContaining(reason) }, null]);
  });
});
