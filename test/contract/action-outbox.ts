import type { ActionOrders, ActionOutbox, ActionReader, UntoldActions } from "@gatepost/core/actions";
import type { EventIndex, EventReader } from "@gatepost/core/events";
import type { ActionState, WantAction } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { action, day, noon, report, upsert } from "./samples.ts";

export interface OutboxUnderTest {
  index: EventIndex;
  reader: EventReader;
  actionReader: ActionReader;
  orders: ActionOrders;
  actions: ActionOutbox;
  setClock(now: number): void;
  close(): Promise<void>;
}

const minute = 60_000;

async function enqueueAction(
  event: string,
  { index }: Pick<OutboxUnderTest, "index">,
  wantAction: WantAction = "1001",
  overrides = {},
): Promise<string> {
  const enqueued = action(event, wantAction, overrides);
  await index.upsert(upsert(event, { action: enqueued }));
  return enqueued.id;
}

/** What every outbox of actions promises. */
export function actionOutboxContract(name: string, open: () => Promise<OutboxUnderTest>): void {
  describe(`${name} keeps the promises of an outbox of actions:`, () => {
    let deps: OutboxUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const enqueue = (event: string, want?: WantAction, overrides = {}) => enqueueAction(event, deps, want, overrides);
    const stateOf = async (event: string) => (await deps.reader.get(upsert(event).eventId))?.actions[0];
    const lease = (at: number, limit = 100) => {
      deps.setClock(at);
      return deps.actions.lease({ before: at - minute, until: at + minute, limit });
    };

    it("leases an action that is pending for long enough, with its event", async () => {
      const id = await enqueue("a");
      expect(await lease(noon + minute - 1)).toEqual([]);
      const [taken] = await lease(noon + minute);
      expect(taken).toMatchObject({ action: { id, state: "pending" }, event: { id: upsert("a").eventId } });
      expect(taken?.event.reports).toHaveLength(1);
    });

    it("gives each action to exactly one of many that sweep at once", async () => {
      for (let i = 0; i < 30; i++) await enqueue(`race ${i}`);
      deps.setClock(noon + 2 * minute);
      const sweeps = await Promise.all(Array.from({ length: 8 }, () => lease(noon + 2 * minute)));
      const ids = sweeps.flat().map(({ action: { id } }) => id);
      expect(ids).toHaveLength(30);
      expect(new Set(ids).size).toBe(30);
    });

    it("keeps the states of an action with times, reasons and keys", async () => {
      const id = await enqueue("a");
      const history = async () => (await deps.actionReader.get(id))?.history;
      const at = (minutes: number) => new Date(noon + minutes * minute).toISOString();
      expect(await history()).toEqual([{ state: "pending", at: at(0) }]);
      deps.setClock(noon + minute);
      await deps.actions.markAnnounced(id, true);
      await deps.actions.markAnnounced(id, true);
      deps.setClock(noon + 2 * minute);
      await deps.actions.settle(id, "failed", "camera offline", "key_1");
      await deps.actions.settle(id, "failed", "camera offline", "key_2");
      deps.setClock(noon + 3 * minute);
      await deps.actions.settle(id, "done", null, "key_2");
      await deps.index.upsert(upsert("a", { report: report({ kind: "realtime" }), action: action("a", "1001") }));
      expect(await history()).toEqual([
        { state: "pending", at: at(0) },
        { state: "announced", at: at(1) },
        { state: "failed", at: at(2), reason: "camera offline", by: "key_1" },
        { state: "done", at: at(3), by: "key_2" },
      ]);
      await enqueue("b");
      deps.setClock(noon + 4 * minute);
      await deps.actions.withhold(action("b", "1001").id, "fiqa_result is false");
      expect((await deps.actionReader.ofEvent(upsert("b").eventId))[0]?.history).toEqual([
        { state: "pending", at: at(0) },
        { state: "withheld", at: at(4), reason: "fiqa_result is false" },
      ]);
    });

    it("keeps the beginning and the end of a long history, with reasons cut", async () => {
      const id = await enqueue("a");
      for (let time = 1; time <= 20; time++) {
        deps.setClock(noon + time);
        await deps.actions.settle(id, "failed", `${time} ${"x".repeat(2000)}`, null);
      }
      const { history = [], reason } = (await deps.actionReader.get(id)) ?? {};
      expect(history.map(({ at }) => Date.parse(at) - noon)).toEqual([0, 14, 15, 16, 17, 18, 19, 20]);
      expect(history.at(-1)?.reason).toBe(`20 ${"x".repeat(197)}`);
      expect(reason).toHaveLength(2003);
    });

    it("removes the history with its event, and starts a new one", async () => {
      const id = await enqueue("a");
      await deps.actions.settle(id, "failed", "no", null);
      const again = noon + 40 * day;
      deps.setClock(again);
      const at = new Date(again).toISOString();
      const renewed = { now: again, expiresAt: again + day, action: action("a", "1001", { at }) };
      await deps.index.upsert(upsert("a", renewed));
      expect((await deps.actionReader.get(id))?.history).toEqual([{ state: "pending", at }]);
    });

    it("leases an action again that a sweep did not announce in time", async () => {
      await enqueue("a");
      expect(await lease(noon + minute)).toHaveLength(1);
      expect(await lease(noon + 2 * minute - 1)).toEqual([]);
      expect(await lease(noon + 2 * minute)).toHaveLength(1);
    });

    it("takes no more than asked for", async () => {
      for (let i = 0; i < 5; i++) await enqueue(`many ${i}`);
      expect(await lease(noon + minute, 3)).toHaveLength(3);
      expect(await lease(noon + minute, 3)).toHaveLength(2);
    });

    it("never leases an announced, withheld or settled action", async () => {
      await deps.actions.markAnnounced(await enqueue("announced"), true);
      await enqueue("withheld", "1001", { state: "withheld", reason: "too poor" });
      await deps.actions.settle(await enqueue("settled"), "done", null);
      expect(await lease(noon + day)).toEqual([]);
      expect((await stateOf("announced"))?.state).toBe("announced");
    });

    it("does not lease an action that expired with its event", async () => {
      await enqueue("a");
      expect(await lease(noon + 31 * day)).toEqual([]);
    });

    it("enqueueing again after the announcement changes nothing", async () => {
      await deps.actions.markAnnounced(await enqueue("a"), true);
      await enqueue("a");
      expect((await stateOf("a"))?.state).toBe("announced");
    });

    it("marks only pending actions as announced", async () => {
      const id = await enqueue("a");
      await deps.actions.settle(id, "failed", "no such person");
      await deps.actions.markAnnounced(id, true);
      expect(await stateOf("a")).toMatchObject({ state: "failed", reason: "no such person" });
    });

    it("withholds only pending actions, with the reason", async () => {
      const id = await enqueue("a");
      deps.setClock(noon + 5);
      await deps.actions.withhold(id, "too poor");
      const at = new Date(noon + 5).toISOString();
      expect(await stateOf("a")).toMatchObject({ state: "withheld", reason: "too poor", at });
      expect(await lease(noon + day)).toEqual([]);
      const announced = await enqueue("b");
      await deps.actions.markAnnounced(announced, true);
      await deps.actions.withhold(announced, "too late");
      expect(await stateOf("b")).toMatchObject({ state: "announced", reason: null });
      await deps.actions.withhold(action("never", "1001").id, "nothing there");
      await deps.actions.withhold("act_nonsense", "nothing there");
    });

    it("settles as the subscriber reports, and a failed try may still succeed", async () => {
      const id = await enqueue("a", "1002");
      await deps.actions.markAnnounced(id, true);
      deps.setClock(noon + 5);
      expect(await deps.actions.settle(id, "failed", "camera offline")).toBe("settled");
      expect(await stateOf("a")).toMatchObject({
        state: "failed",
        reason: "camera offline",
        at: new Date(noon + 5).toISOString(),
      });
      expect(await deps.actions.settle(id, "done", null)).toBe("settled");
      expect(await deps.actions.settle(id, "done", null)).toBe("settled");
      expect(await deps.actions.settle(id, "failed", "late")).toBe("refused");
      expect((await stateOf("a"))?.state).toBe("done");
    });

    it("a repeated report changes nothing, not even the time, but another note does", async () => {
      const id = await enqueue("a");
      await deps.actions.settle(id, "failed", "camera offline");
      deps.setClock(noon + 5);
      expect(await deps.actions.settle(id, "failed", "camera offline")).toBe("settled");
      expect(await stateOf("a")).toMatchObject({ at: new Date(noon).toISOString() });
      expect(await deps.actions.settle(id, "failed", "still offline")).toBe("settled");
      expect(await stateOf("a")).toMatchObject({ reason: "still offline", at: new Date(noon + 5).toISOString() });
    });

    it("refuses to settle a withheld action, and reports an unknown one", async () => {
      const id = await enqueue("a", "1001", { state: "withheld", reason: "too poor" });
      expect(await deps.actions.settle(id, "done", null)).toBe("refused");
      expect(await deps.actions.settle(action("never", "1001").id, "done", null)).toBe("unknown");
      expect(await deps.actions.settle("act_nonsense", "done", null)).toBe("unknown");
    });

    const inState = async (state: ActionState) => {
      const id = await enqueue("a", "1001", state === "withheld" ? { state, reason: "before" } : {});
      if (state === "announced") await deps.actions.markAnnounced(id, true);
      if (state === "done" || state === "failed") await deps.actions.settle(id, state, "before");
      return id;
    };

    it.each([
      ["pending", "announced", null],
      ["announced", "announced", null],
      ["done", "done", "before"],
      ["failed", "failed", "before"],
      ["withheld", "withheld", "before"],
    ] as const)("an action that is %s and then announced is %s", async (from, state, reason) => {
      await deps.actions.markAnnounced(await inState(from), true);
      expect(await stateOf("a")).toMatchObject({ state, reason });
    });

    it.each([
      ["pending", "done", "settled"],
      ["pending", "failed", "settled"],
      ["announced", "done", "settled"],
      ["announced", "failed", "settled"],
      ["done", "done", "settled"],
      ["done", "failed", "refused"],
      ["failed", "done", "settled"],
      ["failed", "failed", "settled"],
      ["withheld", "done", "refused"],
      ["withheld", "failed", "refused"],
    ] as const)("an action that is %s and then reported as %s is %s", async (from, said, answer) => {
      expect(await deps.actions.settle(await inState(from), said, "after")).toBe(answer);
      const expected = answer === "settled" ? { state: said, reason: "after" } : { state: from, reason: "before" };
      expect(await stateOf("a")).toMatchObject(expected);
    });

    it("keeps the beginning of a note that is too long", async () => {
      await deps.actions.settle(await enqueue("a"), "failed", "x".repeat(500_000));
      expect((await stateOf("a"))?.reason).toBe("x".repeat(2048));
    });

    it.each([
      ["too long", "x".repeat(5000)],
      ["cut within a character", "𠮷".repeat(1025).slice(1)],
      ["not well-formed", "half of a character: \ud800"],
      ["empty", ""],
    ])("a repeated report changes nothing if the note is %s", async (_, note) => {
      const id = await enqueue("a");
      await deps.actions.settle(id, "failed", note);
      deps.setClock(noon + 5);
      expect(await deps.actions.settle(id, "failed", note)).toBe("settled");
      expect(await stateOf("a")).toMatchObject({ at: new Date(noon).toISOString() });
    });

    it("an action is missing once its event has expired: it cannot be settled", async () => {
      const id = await enqueue("a");
      deps.setClock(noon + 30 * day);
      expect(await deps.actions.settle(id, "done", null)).toBe("unknown");
      deps.setClock(noon);
      expect(await stateOf("a")).toMatchObject({ state: "pending", at: new Date(noon).toISOString() });
    });

    it("the announcement of an action that expired with its event is not noted", async () => {
      const id = await enqueue("a");
      deps.setClock(noon + 30 * day);
      await deps.actions.markAnnounced(id, true);
      deps.setClock(noon);
      expect((await stateOf("a"))?.state).toBe("pending");
    });
  });
}

/** What an outbox of actions also promises if its runtime knows which actions a rule has taken. */
export function untoldActionsContract(
  name: string,
  open: () => Promise<OutboxUnderTest & { actions: UntoldActions }>,
): void {
  describe(`${name} keeps the promises of actions that no rule has taken:`, () => {
    let deps: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const untold = async (since = noon) => {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<UntoldActions["untold"]>> = await deps.actions.untold(
          { since },
          { limit: 2, cursor },
        );
        ids.push(...page.items.map(({ action: { id } }) => id));
        cursor = page.next;
      } while (cursor !== null);
      return ids;
    };

    it("lists actions that no rule has taken, oldest first, until a rule takes them", async () => {
      const ids: string[] = [];
      for (const [index, event] of ["c", "a", "b", "d"].entries()) {
        const id = await enqueueAction(event, deps, index === 1 ? "1002" : "1001");
        deps.setClock(noon + (index + 1) * minute);
        if (event !== "d") await deps.actions.markAnnounced(id, false);
        ids.push(id);
      }
      const [first = "", second = "", third = "", pending = ""] = ids;
      // The pending one is dated noon.
      expect(await untold()).toEqual([pending, first, second, third]);
      expect(await untold(noon + 2 * minute)).toEqual([second, third]);
      const toldOf = async (id: string) => (await deps.actionReader.get(id))?.told;
      expect(await toldOf(second)).toBe(false);
      await deps.actions.markAnnounced(second, true);
      expect(await toldOf(second)).toBe(true);
      expect((await deps.actionReader.get(second))?.at).toBe(new Date(noon + 2 * minute).toISOString());
      expect(await untold()).toEqual([pending, first, third]);
      const listed = async (isTold: boolean) =>
        (await deps.actionReader.list({ isTold }, { limit: 10, cursor: null })).items.map(({ id }) => id);
      expect(await listed(true)).toEqual([second]);
      expect(await listed(false)).toEqual([third, first, pending]);
    });

    it("does not list declined, settled, withheld and expired actions as untold", async () => {
      const [declined, done, withheld] = [
        await enqueueAction("a", deps),
        await enqueueAction("b", deps),
        await enqueueAction("c", deps),
      ];
      await deps.actions.markAnnounced(declined, false);
      await deps.orders.order(declined, { kind: "decline", person: "person 1", reason: null, note: null }, "key_1");
      await deps.actions.markAnnounced(done, false);
      await deps.actions.settle(done, "done", null);
      await deps.actions.withhold(withheld, "too poor");
      await deps.actions.markAnnounced(await enqueueAction("expired", deps), false);
      expect(await untold()).toHaveLength(1);
      deps.setClock(noon + 31 * day);
      expect(await untold()).toEqual([]);
    });
  });
}
