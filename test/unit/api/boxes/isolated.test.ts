import {
  Boxes,
  BoxNotes,
  LocalHours,
  newRecord,
  type Reception,
  type StoredBox,
  showBox,
  UnusableBox,
} from "@gatepost/core/boxes";
import { BrokenRow } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryBoxes } from "../../../support/memory-boxes.ts";
import { hour, minute, noon, reported } from "./support.ts";

const hours = new LocalHours("UTC");

/** Boxes of which some rows are broken, and others unreachable at the moment. */
class Faulty extends MemoryBoxes {
  readonly unusable = new Set<string>();
  readonly away = new Set<string>();
  /** Records that can be read, but not used. */
  readonly strange = new Map<string, StoredBox>();

  override async get(box: string) {
    const strange = this.strange.get(box);
    if (strange !== undefined) return strange;
    if (this.unusable.has(box)) throw new UnusableBox(box, new Error("expected object"));
    if (this.away.has(box)) throw new Error("throttled");
    return super.get(box);
  }
}

describe("when reports could be received", () => {
  it("a broken row is written anew, and no box waits for a person", async () => {
    let now = noon;
    const errors: string[] = [];
    class Broken extends MemoryBoxes {
      isBroken = true;
      override async reception() {
        if (this.isBroken) throw new BrokenRow("reception", "reception: expected object");
        return super.reception();
      }
      override async putReception(reception: Reception) {
        this.isBroken = false;
        await super.putReception(reception);
      }
    }
    const store = new Broken();
    const boxes = new Boxes({
      store,
      hours,
      clock: () => now,
      bus: null,
      show: () => expect.unreachable(),
      log: { info: () => {}, warn: () => {}, error: (message) => void errors.push(message) },
    });
    await boxes.note([[reported(now, { box: "gate-1" })]]);
    expect((await store.get("gate-1"))?.record.activity?.life?.last).toBe(now);
    for (; now <= noon + hour; now += minute) await boxes.check(now);
    expect((await store.get("gate-1"))?.record.silentSince).not.toBeNull();
    expect(errors).toEqual(["when reports could be received is broken, and counts as not known"]);
  });
});

describe("two looks at the same moment", () => {
  it("no gap in reception is lost when the look with the older value writes last", async () => {
    let now = noon;
    const store = new MemoryBoxes();
    const boxes = new Boxes({
      store,
      hours,
      clock: () => now,
      bus: null,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      show: () => expect.unreachable(),
    });
    await boxes.check(now);
    now += 3 * hour;
    await boxes.check(now);
    await boxes.check(now - minute);
    expect(await store.reception()).toEqual({ since: now, until: now, gaps: [[noon, now]] });
  });
});

describe("one box whose row is broken", () => {
  let store: Faulty;
  let now: number;
  let errors: unknown[];
  let put: string[];
  let boxes: Boxes;
  beforeEach(() => {
    [store, now, errors, put] = [new Faulty(), noon, [], []];
    boxes = new Boxes({
      store,
      hours,
      clock: () => now,
      bus: {
        put: async (entry) => put.push(`${entry.detailType} ${"box" in entry.detail && entry.detail.box.id}`) > 0,
      },
      show: async (shown) => showBox(shown, { hours, now, pauses: {}, notices: [], rhythm: null, isCounted: true }),
      log: { info: () => {}, warn: () => {}, error: (message, facts) => void errors.push([message, facts?.["box"]]) },
    });
  });

  const heard = (box: string) => reported(now, { box });
  const lastOf = async (box: string) => (await store.get(box))?.record.activity?.life?.last ?? null;
  const told = ["a box is not followed: its row cannot be read or written; remove the row, and it begins anew", "bad"];

  it("a broken row is logged once and dropped, and the other boxes are noted", async () => {
    store.unusable.add("bad");
    const notes = new BoxNotes({ boxes, hours, clock: () => now });
    for (let n = 0; n < 3; n += 1, now += minute) {
      notes.add([heard("bad"), heard("gate-1")]);
      await notes.flush();
      expect(await lastOf("gate-1")).toBe(now);
      expect(notes.names()).toEqual([]);
    }
    expect(errors).toEqual([told]);
    store.unusable.clear();
    await boxes.note([[heard("bad")]]);
    store.unusable.add("bad");
    await boxes.note([[heard("bad")]]);
    expect(errors).toEqual([told, told]);
  });

  it("broken rows do not keep other boxes from being looked at", async () => {
    await boxes.check(now);
    const names = Array.from({ length: 120 }, (_, n) => `gate-${n}`);
    await boxes.note([names.map(heard)]);
    for (const box of names.slice(0, 60)) store.unusable.add(box);
    for (now = noon; now <= noon + hour; now += 2 * minute) await boxes.check(now);
    expect(put.toSorted()).toEqual(
      names
        .slice(60)
        .map((box) => `Box Silent ${box}`)
        .toSorted(),
    );
    expect(errors).toHaveLength(60);
  });

  it("a broken row does not keep other boxes from following a clock set back", async () => {
    now = noon + 365 * 24 * hour;
    await boxes.note([[heard("bad"), heard("gate-1")]]);
    await boxes.check(now);
    store.unusable.add("bad");
    now = noon;
    await boxes.check(now);
    expect(await lastOf("gate-1")).toBe(noon);
    for (; now <= noon + hour; now += minute) await boxes.check(now);
    expect(put).toEqual(["Box Silent gate-1"]);
    expect(errors).toEqual([told]);
  });

  it("a flush with one unreachable row fails after the others, and later notes that row", async () => {
    await boxes.check(now);
    const notes = new BoxNotes({ boxes, hours, clock: () => now });
    store.away.add("gate-1");
    notes.add([heard("gate-1"), heard("gate-2")]);
    await expect(notes.flush()).rejects.toThrow("throttled");
    expect(notes.names()).toEqual(["gate-1"]);
    expect(await lastOf("gate-2")).toBe(now);
    store.away.clear();
    await notes.flush();
    expect(await lastOf("gate-1")).toBe(now);
    store.away.add("gate-1");
    for (now = noon; now < noon + hour; now += 2 * minute) await boxes.check(now).catch(() => {});
    await expect(boxes.check(now)).rejects.toThrow("throttled");
    expect(put).toEqual(["Box Silent gate-2"]);
    expect(errors).toEqual([]);
  });

  it("a box with an unusable record is dropped too", async () => {
    store.strange.set("bad", { record: { ...newRecord("bad"), activity: {} as never }, rev: 1 });
    await boxes.note([[heard("bad"), heard("gate-1")]]);
    expect(errors).toEqual([told]);
    expect(await lastOf("gate-1")).toBe(now);
  });

  it("a repeated batch is counted once", async () => {
    const notes = new BoxNotes({ boxes, hours, clock: () => now });
    const reports = async (box: string) => (await store.get(box))?.record.activity?.days[hours.dayOf(noon)]?.reports;
    await notes.addBatch([heard("gate-1")]);
    now += minute / 2;
    await notes.addBatch([heard("gate-1")]);
    now += minute / 2;
    store.away.add("gate-1").add("gate-2");
    const batch = [heard("gate-1"), heard("gate-2")];
    for (let tries = 0; tries < 3; tries += 1) await expect(notes.addBatch(batch)).rejects.toThrow("throttled");
    expect(notes.names()).toEqual(["gate-1"]);
    store.away.clear();
    await notes.addBatch(batch);
    expect([await reports("gate-1"), await reports("gate-2")]).toEqual([3, 1]);
  });
});
