import type { ActionOrder, ActionState, OrderReport } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OutboxUnderTest } from "./action-outbox.ts";
import { action, day, noon, upsert } from "./samples.ts";

const minute = 60_000;
const request = {
  person: "s.1",
  name: "小明",
  type: "vip" as const,
  group: "staff",
  photo: "p1",
  note: "Seen at the desk",
  validFrom: null,
  validUntil: null,
  host: null,
  boxes: ["gate-1", "lobby"],
};
const approve: ActionOrder = { kind: "approve", request };
const undo: ActionOrder = { kind: "undo" };
const report = (facts: Partial<OrderReport> = {}): ActionOrder => ({
  kind: "report",
  report: { state: "done", note: null, boxes: null, number: null, automatic: null, ...facts },
});
const doneAt = (box: string, number: number | null = null) =>
  report({ number, boxes: [{ box, state: "done", reason: null }] });

/** The promises of every outbox about orders of persons and reports of bridges. */
export function actionOrdersContract(name: string, open: () => Promise<OutboxUnderTest>): void {
  describe(`${name} keeps the promises of orders:`, () => {
    let deps: OutboxUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const enqueue = async (event: string, wantAction: "1001" | "1002" = "1001", overrides = {}) => {
      const enqueued = action(event, wantAction, overrides);
      await deps.index.upsert(upsert(event, { action: enqueued }));
      await deps.actions.markAnnounced(enqueued.id, true);
      return enqueued.id;
    };
    const order = (id: string, what: ActionOrder, by = "key_1") => deps.orders.order(id, what, by);
    const open_ = async () =>
      (await deps.actionReader.list({ isOrdered: true }, { limit: 50, cursor: null })).items.map(({ id }) => id);

    it("an order is kept with its history, and is open until every box has reported", async () => {
      const id = await enqueue("a");
      await enqueue("b");
      expect(await open_()).toEqual([]);
      deps.setClock(noon + minute);
      expect(await order(id, approve)).toEqual({ answer: "taken" });
      expect(await open_()).toEqual([id]);
      const at = new Date(noon + minute).toISOString();
      expect(await deps.actionReader.get(id)).toMatchObject({
        state: "announced",
        at,
        approval: {
          number: 1,
          order: "approve",
          person: "s.1",
          name: "小明",
          type: "vip",
          group: "staff",
          isOpen: true,
          photo: "p1",
          note: "Seen at the desk",
          boxes: ["gate-1", "lobby"].map((box) => ({ box, state: "waiting", reason: null })),
          at,
          by: "key_1",
        },
      });
      deps.setClock(noon + 2 * minute);
      await order(id, doneAt("gate-1"), "key_2");
      expect(await open_()).toEqual([id]);
      deps.setClock(noon + 3 * minute);
      await order(id, doneAt("lobby"), "key_3");
      expect(await open_()).toEqual([]);
      const { state, approval, history = [] } = (await deps.actionReader.get(id)) ?? {};
      expect([state, approval?.isOpen, approval?.boxes.map((one) => one.state)]).toEqual([
        "done",
        false,
        ["done", "done"],
      ]);
      expect(history.map((one) => [one.state, one.decision, one.by])).toEqual([
        ["pending", undefined, undefined],
        ["announced", undefined, undefined],
        ["announced", "approve", "key_1"],
        ["announced", undefined, "key_2"],
        ["done", undefined, "key_3"],
      ]);
    });

    it("one of two different simultaneous approvals is accepted, and equal ones are all accepted", async () => {
      const id = await enqueue("a");
      const other: ActionOrder = { kind: "approve", request: { ...request, name: "Eve" } };
      const answers = await Promise.all([order(id, approve, "key_1"), order(id, other, "key_2")]);
      expect(answers.map(({ answer }) => answer).sort()).toEqual(["refused", "taken"]);
      const same = await enqueue("b");
      const all = await Promise.all(Array.from({ length: 5 }, (_, n) => order(same, approve, `key_${n}`)));
      expect(all.every(({ answer }) => answer === "taken")).toBe(true);
      const { approval, history = [] } = (await deps.actionReader.get(same)) ?? {};
      expect([approval?.number, history.filter(({ decision }) => decision === "approve").length]).toEqual([1, 1]);
    });

    it("two bridges that report at once are both accepted", async () => {
      const id = await enqueue("a");
      await order(id, approve);
      await Promise.all([order(id, doneAt("gate-1"), "key_1"), order(id, doneAt("lobby"), "key_2")]);
      const held = await deps.actionReader.get(id);
      expect([held?.state, held?.approval?.isOpen]).toEqual(["done", false]);
    });

    it("an approval after an answer, or an undo after a report, is based on it", async () => {
      const id = await enqueue("a");
      const [settled] = await Promise.all([
        order(id, report({ note: "by hand" }), "key_1"),
        order(id, approve, "key_2"),
      ]);
      expect(settled).toEqual({ answer: "taken" });
      const held = await deps.actionReader.get(id);
      // Either the answer was first, and it was approved after it; or it was about all boxes of the approval.
      expect([held?.state, held?.approval?.isOpen]).toEqual(
        held?.approval?.isOpen ? ["announced", true] : ["done", false],
      );
      const other = await enqueue("b");
      await order(other, approve);
      const [late] = await Promise.all([order(other, doneAt("gate-1", 1), "key_1"), order(other, undo, "key_2")]);
      const after = await deps.actionReader.get(other);
      expect(after?.approval).toMatchObject({ number: 2, order: "undo", isOpen: true });
      expect(["taken", "refused"]).toContain(late.answer);
      expect(after?.approval?.boxes.map(({ state }) => state)).toEqual(["waiting", "waiting"]);
    });

    it("an undo and another approval at once are never mixed", async () => {
      const id = await enqueue("a");
      await order(id, approve);
      await order(id, report());
      const elsewhere: ActionOrder = { kind: "approve", request: { ...request, boxes: ["garage"] } };
      const answers = await Promise.all([order(id, undo, "key_1"), order(id, elsewhere, "key_2")]);
      const { approval } = (await deps.actionReader.get(id)) ?? {};
      const boxes = approval?.boxes.map(({ box }) => box);
      if (answers[1].answer === "refused") {
        expect([approval?.number, approval?.order, boxes]).toEqual([2, "undo", ["gate-1", "lobby"]]);
      } else {
        expect([approval?.number, approval?.order, boxes]).toEqual([3, "undo", ["garage", "gate-1", "lobby"]]);
      }
    });

    it("a report of an older order is refused", async () => {
      const id = await enqueue("a");
      await order(id, approve);
      await order(id, undo);
      expect(await order(id, doneAt("gate-1", 1))).toMatchObject({ answer: "refused" });
      expect(await order(id, doneAt("gate-1", 2))).toEqual({ answer: "taken" });
    });

    it("both actions of one event have separate orders", async () => {
      const first = await enqueue("a", "1001");
      const second = action("a", "1002");
      await deps.index.upsert(upsert("a", { action: second }));
      deps.setClock(noon + 1);
      await order(first, approve);
      deps.setClock(noon + 2);
      await order(second.id, approve);
      expect(await open_()).toEqual([second.id, first]);
      expect(
        (await deps.actionReader.list({ isOrdered: true, wants: ["1001"] }, { limit: 5, cursor: null })).items,
      ).toHaveLength(1);
      await order(first, report());
      expect(await open_()).toEqual([second.id]);
    });

    it("the list of open orders has pages, newest first, by state and box", async () => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) {
        const id = await enqueue(`e${n}`);
        deps.setClock(noon + n);
        await order(id, approve);
        ids.unshift(id);
      }
      const found: string[] = [];
      for (let cursor: string | null = null, pages = 0; pages < 10; pages++) {
        const page = await deps.actionReader.list({ isOrdered: true }, { limit: 2, cursor });
        found.push(...page.items.map(({ id }) => id));
        cursor = page.next;
        if (cursor === null) break;
      }
      expect(found).toEqual(ids);
      const listed = (filter: object) =>
        deps.actionReader.list({ isOrdered: true, ...filter }, { limit: 9, cursor: null });
      expect((await listed({ states: ["done"] })).items).toEqual([]);
      expect((await listed({ states: ["announced"] })).items).toHaveLength(5);
      expect((await listed({ boxes: ["nowhere"] })).items).toEqual([]);
    });

    it("an unknown, withheld or expired action takes no order", async () => {
      expect(await order("act_nonsense", approve)).toEqual({ answer: "unknown" });
      expect(await order(action("never", "1001").id, approve)).toEqual({ answer: "unknown" });
      const withheld = action("w", "1001", { state: "withheld", reason: "too poor" });
      await deps.index.upsert(upsert("w", { action: withheld }));
      expect(await order(withheld.id, approve)).toMatchObject({ answer: "refused" });
      const id = await enqueue("a");
      await order(id, approve);
      deps.setClock(noon + 40 * day);
      expect(await order(id, undo)).toEqual({ answer: "unknown" });
      expect(await open_()).toEqual([]);
      expect(await deps.actionReader.eventOf(id)).toBeNull();
    });

    it("an event that is made again after it expired has no order", async () => {
      const id = await enqueue("a");
      await order(id, approve);
      const again = noon + 40 * day;
      deps.setClock(again);
      const at = new Date(again).toISOString();
      const renewed = { now: again, expiresAt: again + day, action: action("a", "1001", { at }) };
      await deps.index.upsert(upsert("a", renewed));
      expect((await deps.actionReader.get(id))?.approval).toBeNull();
      expect(await open_()).toEqual([]);
    });

    it("a declined action leaves the open ones, and returns to its place", async () => {
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) {
        deps.setClock(noon + n * 1000);
        ids.unshift(await enqueue(`d${n}`));
      }
      const listed = async (...states: ActionState[]) => {
        const { items } = await deps.actionReader.list({ states }, { limit: 9, cursor: null });
        return items.map(({ id }) => id);
      };
      const before = await deps.actionReader.get(String(ids[1]));
      deps.setClock(noon + day);
      const refusal = { reason: "delivery", note: "for 王芳", person: "77" } as const;
      expect(await order(String(ids[1]), { kind: "decline", ...refusal }, "acc_1")).toEqual({ answer: "taken" });
      expect([await listed("announced"), await listed("declined")]).toEqual([[ids[0], ids[2]], [ids[1]]]);
      expect(await deps.actionReader.get(String(ids[1]))).toMatchObject({
        state: "declined",
        reason: "delivery",
        decline: { ...refusal, by: "acc_1", before: { state: "announced" } },
        history: [
          { state: "pending" },
          { state: "announced" },
          { state: "declined", reason: "delivery: for 王芳", by: "acc_1" },
        ],
      });
      expect(await order(String(ids[1]), { kind: "reopen" }, "acc_2")).toEqual({ answer: "taken" });
      expect([await listed("announced"), await listed("declined")]).toEqual([ids, []]);
      const after = await deps.actionReader.get(String(ids[1]));
      expect({ ...after, history: [] }).toEqual({ ...before, history: [] });
      expect(after?.history.at(-1)).toMatchObject({ state: "announced", decision: "reopen", by: "acc_2" });
    });

    it("one of an approval and a refusal at once is taken", async () => {
      const id = await enqueue("a");
      const refusal = { kind: "decline", reason: null, note: null, person: null } as const;
      const answers = await Promise.all([order(id, approve, "key_1"), order(id, refusal, "acc_1")]);
      expect(answers.map(({ answer }) => answer).sort()).toEqual(["refused", "taken"]);
    });

    it("finds the event of an action", async () => {
      const id = await enqueue("a");
      expect((await deps.actionReader.eventOf(id))?.id).toBe(upsert("a").eventId);
      expect(await deps.actionReader.eventOf(action("a", "1002").id)).toBeNull();
      expect(await deps.actionReader.eventOf("act_nonsense")).toBeNull();
    });

    it("the first and the last changes of a long history are kept", async () => {
      const id = await enqueue("a");
      for (let n = 1; n <= 12; n++) {
        deps.setClock(noon + n * 1000);
        expect((await order(id, n % 2 === 1 ? approve : undo)).answer).toBe("taken");
        deps.setClock(noon + n * 1000 + 500);
        await order(id, report());
      }
      const { history = [], approval } = (await deps.actionReader.get(id)) ?? {};
      expect([history.length, history[0]?.state, history.at(-1)?.state]).toEqual([8, "pending", "done"]);
      expect(approval?.number).toBe(12);
    });
  });
}
