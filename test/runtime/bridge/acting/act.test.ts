import { hash } from "node:crypto";
import { join } from "node:path";
import type { Attempt, PersonLibrary } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { act } from "../../../../packages/bridge/src/acting/act.ts";
import { KeptFiles } from "../../../../packages/bridge/src/acting/kept-files.ts";
import { OrderSpool } from "../../../../packages/bridge/src/acting/order-spool.ts";
import type { Order } from "../../../../packages/bridge/src/acting/task.ts";
import { atEnd, temporary } from "../../../unit/simulator/support.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 5);
const never = new AbortController().signal;
const photo = Buffer.from("photo");
const kept = {
  generation: "C" as const,
  personId: "888031",
  before: { record: { name: "old" }, imageId: null, photo: "QUJD" },
};

/** A library that must be told what to do. */
const library = (says: Partial<PersonLibrary>): PersonLibrary => {
  const unasked = () => Promise.reject(new Error("nobody should ask this"));
  return {
    register: unasked,
    updatePhoto: unasked,
    undo: unasked,
    remove: unasked,
    has: unasked,
    compare: unasked,
    ...says,
  };
};

async function opened() {
  const folder = await temporary();
  let now = start;
  const clock = () => now;
  const spool = new OrderSpool(join(folder, "orders.db"), clock);
  atEnd(() => spool.close());
  const files = new KeptFiles(join(folder, "kept"), clock);
  const taken = (changes: Partial<Order> = {}) => {
    spool.take({
      ref: "act_1",
      number: 1,
      box: "gate-1",
      kind: "update-photo",
      since: start,
      orderedAt: start,
      subject: { person: "888031", name: "Ada", type: null, group: null, photo: null },
      ...changes,
    });
    return spool.find("act_1", "gate-1") ?? expect.fail("it was not taken");
  };
  const cloud = {
    photo: async () => ({ state: "ok" as const, value: photo }),
    isThere: async () => true,
  };
  const deps = (says: Partial<PersonLibrary>, changes: object = {}) => ({
    spool,
    kept: files,
    cloud,
    libraryOf: () => library(says),
    now: clock,
    ...changes,
  });
  return { files, spool, taken, deps, move: (ms: number) => (now += ms) };
}

describe("an order that names its photo", () => {
  const named = (sha256: string) => ({
    subject: { person: "888031", name: "Ada", type: null, group: null, photo: sha256 },
  });

  it("asks the cloud for that one, and brings it", async () => {
    const { taken, deps } = await opened();
    const asked: unknown[] = [];
    const cloud = {
      photo: async (...asks: unknown[]) => {
        asked.push(asks.slice(0, 2));
        return { state: "ok" as const, value: photo };
      },
      isThere: async () => true,
    };
    const updatePhoto = async () => ({ state: "done" as const, note: null });
    const sha256 = hash("sha256", photo);
    expect(await act(taken(named(sha256)), deps({ updatePhoto }, { cloud }), never)).toMatchObject({ state: "done" });
    expect(asked).toEqual([["act_1", sha256]]);
  });

  it("fails, without asking the box, if the cloud sends another photo", async () => {
    const { taken, deps } = await opened();
    const other = taken(named(hash("sha256", "what was approved")));
    expect(await act(other, deps({}), never)).toEqual({
      state: "failed",
      reason: expect.stringContaining("look at the passing, and approve it again"),
    });
  });
});

describe("an order whose photo the cloud does not have", () => {
  const gone = async () => ({ state: "gone" as const, reason: "the bytes of this picture are lost, or were erased" });

  it("fails with the reason while the action exists, and keeps the state for an undo", async () => {
    const { taken, deps, files } = await opened();
    files.put("act_1", "lobby", kept);
    const lost = deps({}, { cloud: { photo: gone, isThere: async () => true } });
    expect(await act(taken(), lost, never)).toEqual({
      state: "failed",
      reason: "The photo cannot be had: the bytes of this picture are lost, or were erased.",
    });
    expect(files.get("act_1", "lobby")).toEqual(kept);
  });

  it("is gone if its action was erased", async () => {
    const { taken, deps } = await opened();
    const erased = deps({}, { cloud: { photo: gone, isThere: async () => false } });
    expect(await act(taken(), erased, never)).toEqual({ state: "gone" });
  });
});

describe("a photo that is taken without a person", () => {
  const compares = { compare: async () => ({ state: "same" as const }) };

  it("is finished late if an interrupted try had begun in time", async () => {
    const { taken, deps, move } = await opened();
    const task = taken({ number: 0, orderedAt: 0 });
    const cutOff = deps({
      ...compares,
      async updatePhoto(_, { keep }) {
        await keep(kept);
        return { state: "later", reason: "The box cannot be asked: no answer." };
      },
    });
    expect(await act(task, cutOff, never)).toMatchObject({ state: "later" });
    move(2 * minute);
    const again = deps({
      updatePhoto: async (_, before) => ({ state: "done", note: JSON.stringify(before.kept?.before) }),
    });
    expect(await act(task, again, never)).toEqual({ state: "done", note: JSON.stringify(kept.before) });
  });

  it("is left to a person if no try began in time", async () => {
    const { taken, deps, move } = await opened();
    const task = taken({ number: 0, orderedAt: 0 });
    move(2 * minute);
    expect(await act(task, deps({}), never)).toMatchObject({ state: "left" });
  });
});

describe("an undo", () => {
  it("succeeds at the next try after an interruption that followed the box's change", async () => {
    const { taken, deps, files, spool } = await opened();
    files.put("act_1", "gate-1", kept);
    spool.setChanged(taken(), start);
    const task = () => taken({ number: 2, kind: "undo", orderedAt: start + 1 });
    const undone = deps({ undo: async () => ({ state: "done", note: null }) });
    // As if the process ended when the file was gone.
    const remove = files.remove.bind(files);
    files.remove = (...of) => {
      remove(...of);
      throw new Error("it ended");
    };
    await expect(act(task(), undone, never)).rejects.toThrow("it ended");
    expect(await act(task(), undone, never)).toMatchObject({ state: "done" });
  });
});

describe("an undo that expects the box as the order left it", () => {
  const seen = (photo: string) => ({ record: "888031", imageId: null, photo });
  const undo = (number: number) => ({ number, kind: "undo", orderedAt: start + number }) as const;
  /** Returns the state, left by the order, that the undo receives. */
  const undoing = async ({ taken, deps }: Awaited<ReturnType<typeof opened>>, number: number) => {
    let told: unknown;
    const says = async (_: unknown, { left }: { left: unknown }) => {
      told = left;
      return { state: "failed" as const, reason: "Changed since." };
    };
    await act(taken(undo(number)), deps({ undo: says }), never);
    return told;
  };
  const changing = (left: string, before = "old") => ({
    async updatePhoto(_: unknown, { kept: held, keep, begin, end }: Attempt) {
      if (held === null) await keep(kept);
      await begin(seen(before));
      await end(seen(left));
      return { state: "done" as const, note: null };
    },
  });

  it("receives the state that the last order left, also after a failed undo", async () => {
    const all = await opened();
    await act(all.taken(), all.deps(changing("new")), never);
    expect(await undoing(all, 2)).toEqual(seen("new"));
    expect(await undoing(all, 3)).toEqual(seen("new"));
    await act(all.taken({ number: 4, orderedAt: start + 4 }), all.deps(changing("newer")), never);
    expect(await undoing(all, 5)).toEqual(seen("newer"));
  });

  it("receives no state of an order that was begun and not ended", async () => {
    const all = await opened();
    const cutOff = {
      async updatePhoto(_: unknown, { keep, begin }: Attempt) {
        await keep(kept);
        await begin(seen("old"));
        return { state: "later" as const, reason: "The box cannot be asked." };
      },
    };
    await act(all.taken(), all.deps(cutOff), never);
    expect(await undoing(all, 2)).toBeNull();
  });

  it("expects no person if another order for the person began after the interrupted one", async () => {
    const all = await opened();
    all.files.put("act_1", "gate-1", kept);
    all.spool.begin(all.taken(), seen("old"));
    all.spool.take({ ...all.taken(), ref: "act_2", orderedAt: start + 1 });
    const other = all.spool.find("act_2", "gate-1") ?? expect.fail("it was not taken");
    await act(other, all.deps(changing("other")), never);
    expect(await undoing(all, 2)).toEqual({ record: "", imageId: null, photo: null });
  });
});

describe("an undo on a bridge that does not know whether the box was changed", () => {
  const subject = { person: "888031", name: "Ada", type: "vip" as const, group: null, photo: null };
  const undo = { number: 2, kind: "undo", orderedAt: start + 1 } as const;
  const has = (state: "there" | "absent") => ({ has: async () => ({ state }) });

  it.each([
    ["is there", "there", { state: "failed", reason: expect.stringContaining("remove the person") }],
    ["is not there", "absent", { state: "done", note: "The box does not have the person." }],
  ] as const)("asks the box: the person of the order %s", async (_, state, outcome) => {
    const { taken, deps } = await opened();
    expect(await act(taken({ ...undo, subject }), deps(has(state)), never)).toEqual(outcome);
  });

  it("does not claim that nothing changed if another bridge did an order between", async () => {
    const { taken, deps } = await opened();
    taken({ kind: "register", subject });
    const later = taken({ ...undo, number: 3, subject });
    expect(await act(later, deps(has("there")), never)).toMatchObject({ state: "failed" });
    const again = taken({ ...undo, number: 4, orderedAt: start + 2, subject });
    expect(await act(again, deps(has("there")), never)).toMatchObject({ state: "failed" });
  });

  it("reports that nothing was changed if every order was received and none begun", async () => {
    const { taken, deps } = await opened();
    taken({ kind: "register", subject });
    const nothing = { state: "done", note: "Nothing had been changed." };
    expect(await act(taken({ ...undo, subject }), deps({}), never)).toEqual(nothing);
  });
});

describe("the removal of a person from a box", () => {
  it("forgets the kept states of only that person and box before it asks the box", async () => {
    const { taken, deps, files } = await opened();
    const places = [
      ["act_2", "gate-1"],
      ["act_2", "gate-2"],
      ["act_3", "gate-1"],
    ] as const;
    for (const [ref, box] of places) {
      files.put(ref, box, { ...kept, personId: ref === "act_3" ? "888032" : kept.personId });
    }
    const isKept = () => places.map(([ref, box]) => files.get(ref, box) !== null);
    const asked: boolean[][] = [];
    const remove = async () => {
      asked.push(isKept());
      return { state: "later" as const, reason: "The box cannot be asked." };
    };
    await act(taken({ kind: "remove", number: 0 }), deps({ remove }), never);
    expect(asked).toEqual([[false, true, true]]);
  });
});

describe("an approval that is given again", () => {
  const day = 24 * 60 * minute;

  it("cannot be undone after the kept state of the first approval expired", async () => {
    const { taken, deps, files, move } = await opened();
    const changes = deps({
      async updatePhoto(_, { kept: held, keep }) {
        if (held === null) await keep(kept);
        return { state: "done", note: null };
      },
      undo: async () => ({ state: "done", note: null }),
    });
    await act(taken(), changes, never);
    move(8 * day);
    files.expire();
    await act(taken({ number: 2, orderedAt: start + 8 * day }), changes, never);
    expect(await act(taken({ number: 3, kind: "undo", orderedAt: start + 8 * day + 1 }), changes, never)).toMatchObject(
      {
        state: "failed",
        reason: expect.stringContaining("not kept any more"),
      },
    );
  });

  it("keeps the known state of the first approval if the box refuses it", async () => {
    const { taken, deps, files, move, spool } = await opened();
    const changes = deps({
      async updatePhoto(_, { keep }) {
        await keep(kept);
        return { state: "done", note: null };
      },
    });
    await act(taken(), changes, never);
    move(8 * day);
    files.expire();
    const refuses = deps({
      async updatePhoto(_, { keep, unkeep }) {
        await keep(kept);
        await unkeep();
        return { state: "failed", reason: "The library of the box is full." };
      },
    });
    await act(taken({ number: 2, orderedAt: start + 8 * day }), refuses, never);
    expect([files.get("act_1", "gate-1"), spool.find("act_1", "gate-1")?.changedAt]).toEqual([null, start]);
  });
});

describe("the result of a try", () => {
  it.each([
    ["ID_NOT_FOUND 888031", "ID_NOT_FOUND …"],
    ["888031 of 1888031 and 888031", "… of 1888031 and …"],
    ["code 40401", "code 40401"],
  ])("names no person: %s", async (reason, said) => {
    const { taken, deps } = await opened();
    const refuses = deps({ remove: async () => ({ state: "failed", reason }) });
    expect(await act(taken({ kind: "remove", number: 0 }), refuses, never)).toEqual({ state: "failed", reason: said });
  });
});
