import {
  absent,
  all,
  any,
  asRead,
  type Change,
  type Condition,
  compare,
  equals,
  type Item,
  type Items,
  ItemTooLarge,
  MemoryItems,
  meets,
  not,
  placeAt,
  present,
  type Range,
  readListPage,
  ttlAt,
} from "@gatepost/store";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyCharacter } from "../support/arbitraries.ts";
import { runs } from "../support/seeded.ts";
import { noon } from "./samples.ts";

/** A driver of the record store, opened for one test. */
export interface OpenedItems {
  items: Items;
  /** The time of the driver, ms since 1970. It begins with `noon`. */
  clock(): number;
  setClock(now: number): void;
  close(): Promise<void>;
}

interface Opened extends OpenedItems {
  /** Stores an item whose attribute `a` is neither text nor number. Left out: the driver cannot have one. */
  spoil?(pk: string): Promise<void>;
}

const names = ["a", "b", "n"] as const;
const text = fc.oneof(fc.constantFrom("", "a", "b", "ä", "\u{1f600}", "\uffff"), fc.string({ unit: anyCharacter }));
const number = fc.oneof(fc.integer(), fc.constantFrom(0, 0.1, -1, 1e21, 2 ** 53));
const value = fc.oneof(text, number);
const condition: fc.Arbitrary<Condition> = fc.letrec<{ one: Condition }>((tie) => ({
  one: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ is: fc.constant("present" as const), name: fc.constantFrom(...names) }),
    fc.record({
      is: fc.constantFrom("=", "<>", "<", "<=", ">", ">="),
      name: fc.constantFrom(...names),
      value: fc.constantFrom("", "a", "b", "\u{1f600}", "\uffff", 0, 1, -1),
    }),
    fc.record({ is: fc.constantFrom("all", "any"), of: fc.array(tie("one"), { maxLength: 3 }) }),
    fc.record({ is: fc.constant("not" as const), of: tie("one") }),
  ),
})).one;

const step = fc.record({
  key: fc.constantFrom("k1", "k2", "k3"),
  is: fc.constantFrom("write", "write", "remove", "wait"),
  set: fc.record({ a: value, b: value }, { requiredKeys: [] }),
  add: fc.record({ c: fc.integer({ min: -9, max: 9 }) }, { requiredKeys: [] }),
  remove: fc.subarray(["d"]),
  ttl: fc.option(fc.integer({ min: 0, max: 4 })),
  when: fc.option(condition),
  list: fc.option(fc.constantFrom("one", "two#")),
});
type Drawn = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** The change that a step makes at `now`, to an item of its round. */
function changeOf({ key, set, add, remove, ttl, when, list }: Drawn, round: number, now: number): Change {
  const pk = `${key} ${round}`;
  const given: Item = { ...set };
  if (ttl !== null) given["ttl"] = ttlAt(now + ttl * 1000);
  if (list !== null) Object.assign(given, { byBox: list, at: placeAt(now, pk) });
  return { pk, set: given, add, remove, ...(when === null ? {} : { when }) };
}

/** What every driver of the record store promises. */
export function itemsContract(name: string, open: () => Promise<Opened>, { losesAnswers = false } = {}): void {
  describe(`the record store in ${name}`, () => {
    let opened: Opened;
    let items: Items;
    beforeEach(async () => {
      opened = await open();
      items = opened.items;
    });
    afterEach(() => opened.close());

    const listed = async (range: Range) => (await collected(items.list(range))).map(({ pk }) => pk);

    describe("a write", () => {
      it("creates an item and returns no previous one", async () => {
        expect(await items.write({ pk: "x", set: { a: "1", n: 2 } })).toEqual({ applied: true, previous: null });
        expect(await items.get("x")).toEqual({ pk: "x", a: "1", n: 2 });
      });

      it("keeps the attributes that it does not name", async () => {
        await items.write({ pk: "x", set: { a: "1", b: "2" } });
        const { previous } = await items.write({ pk: "x", set: { a: "3" }, setIfAbsent: { b: "no", c: "4" } });
        expect(previous).toEqual({ pk: "x", a: "1", b: "2" });
        expect(await items.get("x")).toEqual({ pk: "x", a: "3", b: "2", c: "4" });
      });

      it("adds to a number, and counts a missing one as 0", async () => {
        await items.write({ pk: "x", add: { n: 2 } });
        await items.write({ pk: "x", add: { n: -5 }, remove: ["gone"] });
        expect(await items.get("x")).toEqual({ pk: "x", n: -3 });
      });

      it("creates an item that has only its key", async () => {
        await items.write({ pk: "x" });
        expect(await items.get("x")).toEqual({ pk: "x" });
      });

      it("returns the item that did not meet the condition", async () => {
        await items.write({ pk: "x", set: { a: "1" } });
        const refused = await items.write({ pk: "x", set: { a: "2" }, when: absent() });
        expect(refused).toEqual({ applied: false, previous: { pk: "x", a: "1" } });
        expect(await items.write({ pk: "y", set: { a: "2" }, when: present() })).toEqual({
          applied: false,
          previous: null,
        });
        expect(await items.get("y")).toBeNull();
      });

      it("is won by one of fifty writers that saw the same item", async () => {
        await items.write({ pk: "x", set: { n: 0 } });
        const seen = await items.get("x");
        const writes = Array.from({ length: 50 }, (_, by) =>
          items.write({ pk: "x", set: { n: by + 1 }, when: asRead(seen, ["n"]) }),
        );
        expect((await Promise.all(writes)).filter(({ applied }) => applied)).toHaveLength(1);
      });

      it("leaves no trace if asked, and can be read after it", async () => {
        await items.write({ pk: "x", set: { a: "secret" } });
        const change: Change = { pk: "x", remove: ["a"], when: present("a"), leavesNoTrace: true };
        const both = await Promise.all([items.write(change), items.write(change)]);
        expect(both.filter(({ applied }) => applied)).toHaveLength(1);
        expect(await items.get("x")).toEqual({ pk: "x" });
      });

      it("throws ItemTooLarge above 400 KB and changes nothing", async () => {
        await items.write({ pk: "x", set: { a: "1" } });
        const large = "x".repeat(210 * 1024);
        await items.write({ pk: "x", set: { b: large } });
        await expect(items.write({ pk: "x", set: { a: "2", c: large } })).rejects.toThrow(ItemTooLarge);
        expect(await items.get("x")).toEqual({ pk: "x", a: "1", b: large });
      });

      it.each<[string, Change]>([
        ["an empty key", { pk: "" }],
        ["half a character in its key", { pk: "\ud800" }],
        ["a key of 2 KB", { pk: "x".repeat(2048) }],
        ["half a character", { pk: "x", set: { a: "\udc00" } }],
        ["a number that is none", { pk: "x", set: { n: Number.NaN } }],
        ["an endless number", { pk: "x", add: { n: Number.POSITIVE_INFINITY } }],
        ["a ttl that is no whole number", { pk: "x", set: { ttl: 1.5 } }],
        ["a list without a name", { pk: "x", set: { byTime: "", at: "1" } }],
        ["the name of one of many shards", { pk: "x", set: { byTime: "list#3", at: "1" } }],
        ["an attribute twice", { pk: "x", set: { a: "1" }, remove: ["a"] }],
        ["its key among the attributes", { pk: "x", set: { pk: "y" } }],
      ])("throws RangeError for %s", async (_, change) => {
        await expect(items.write(change)).rejects.toThrow(RangeError);
        expect(await items.get("x")).toBeNull();
      });
    });

    describe("a removal", () => {
      it("returns the item to one of several callers", async () => {
        await items.write({ pk: "x", set: { a: "1" } });
        const removed = await Promise.all([items.remove("x"), items.remove("x"), items.remove("x")]);
        expect(removed.filter((item) => item !== null)).toEqual([{ pk: "x", a: "1" }]);
        expect(await items.get("x")).toBeNull();
      });

      it("leaves an item that does not meet the condition", async () => {
        await items.write({ pk: "x", set: { a: "1" } });
        expect(await items.remove("x", equals("a", "2"))).toBeNull();
        expect(await items.get("x")).toEqual({ pk: "x", a: "1" });
      });
    });

    describe("an item that has expired", () => {
      const expiring = { pk: "x", set: { a: "1", ttl: ttlAt(noon + 5_000), byTime: "list", at: placeAt(noon, "x") } };

      it("exists until its last millisecond", async () => {
        await items.write(expiring);
        opened.setClock(noon + 4_999);
        expect(await items.get("x")).toMatchObject({ a: "1" });
        opened.setClock(noon + 5_000);
        expect(await items.get("x")).toBeNull();
      });

      it("is in no answer, and meets no condition", async () => {
        await items.write(expiring);
        opened.setClock(noon + 5_000);
        expect(await items.getAll(["x", "y"])).toEqual(new Map());
        expect(await listed({ lists: [{ index: "byTime", name: "list" }], order: "ascending" })).toEqual([]);
        expect(await items.write({ pk: "x", when: present() })).toEqual({ applied: false, previous: null });
        expect(await items.remove("x")).toBeNull();
      });

      it("is replaced by a write, with nothing of the old one", async () => {
        await items.write(expiring);
        opened.setClock(noon + 5_000);
        const change: Change = { pk: "x", setIfAbsent: { a: "new" }, add: { n: 1 }, when: absent() };
        expect(await items.write(change)).toEqual({ applied: true, previous: null });
        expect(await items.get("x")).toEqual({ pk: "x", a: "new", n: 1 });
      });

      it("is replaced by one of fifty writers", async () => {
        await items.write(expiring);
        opened.setClock(noon + 5_000);
        const writes = Array.from({ length: 50 }, (_, n) => items.write({ pk: "x", set: { n }, when: absent() }));
        expect((await Promise.all(writes)).filter(({ applied }) => applied)).toHaveLength(1);
      });
    });

    describe("a list", () => {
      const list = { index: "byTime", name: "list" } as const;
      const put = (pk: string, set: Item) => items.write({ pk, set });

      it.each(["list", "spread#"])("%s is in the order of its places, both ways", async (listName) => {
        for (const n of [3, 1, 2]) await put(`x${n}`, { byTime: listName, at: placeAt(noon + n, `${n}`) });
        await put("other", { byTime: "another", at: placeAt(noon, "1") });
        const lists = [{ index: "byTime", name: listName }] as const;
        expect(await listed({ lists, order: "ascending" })).toEqual(["x1", "x2", "x3"]);
        expect(await listed({ lists, order: "descending" })).toEqual(["x3", "x2", "x1"]);
        expect(await items.get("x1")).toMatchObject({ byTime: listName });
      });

      it("begins and ends at the places that are asked for", async () => {
        for (const n of [1, 2, 3, 4]) await put(`x${n}`, { byTime: "list", at: placeAt(noon + n, "") });
        const range = { lists: [list], from: placeAt(noon + 2, ""), to: placeAt(noon + 3, "") };
        expect(await listed({ ...range, order: "ascending" })).toEqual(["x2", "x3"]);
        expect(await listed({ ...range, from: placeAt(noon + 9, ""), order: "ascending" })).toEqual([]);
      });

      it("joins several lists in one order", async () => {
        await put("a", { byBox: "box 1", at: placeAt(noon + 1, "a") });
        await put("b", { byBox: "box 2", at: placeAt(noon + 2, "b") });
        await put("c", { byPerson: "p", byBox: "box 1", at: placeAt(noon + 3, "c") });
        const lists = ["box 1", "box 2"].map((name) => ({ index: "byBox" as const, name }));
        expect(await listed({ lists, order: "ascending" })).toEqual(["a", "b", "c"]);
        expect(await listed({ lists: [{ index: "byPerson", name: "p" }], order: "ascending" })).toEqual(["c"]);
        expect(await listed({ lists: [], order: "ascending" })).toEqual([]);
      });

      it("is left by an item whose attribute is removed", async () => {
        await put("x", { byTime: "list", at: placeAt(noon, "x") });
        await items.write({ pk: "x", remove: ["byTime", "at"] });
        expect(await listed({ lists: [list], order: "ascending" })).toEqual([]);
        expect(await items.get("x")).toEqual({ pk: "x" });
      });

      it("is read in pages that repeat and miss nothing while items come and go", async () => {
        const putAt = (n: number) => put(`x${n}`, { byTime: "list", at: placeAt(noon + n, `${n}`), n });
        for (let n = 0; n < 230; n += 1) await putAt(n);
        const pageAfter = (cursor: string | null) =>
          readListPage(items, { lists: [list], order: "descending" }, { limit: 60, cursor }, ({ item }) => ({
            value: item["n"],
            bytes: 9,
          }));
        const first = await pageAfter(null);
        await items.remove("x170");
        await putAt(1000);
        const second = await pageAfter(first.next);
        await items.remove("x0");
        const [third, fourth] = [await pageAfter(second.next), await pageAfter(placeAt(noon + 50, "50"))];
        expect([...first.items, ...second.items, ...third.items]).toEqual(descending(229, 50));
        expect(fourth).toEqual({ items: descending(49, 1), next: null });
      });

      it("ends a page at its bytes", async () => {
        for (const n of [1, 2, 3]) await put(`x${n}`, { byTime: "list", at: placeAt(noon + n, "") });
        const request = { limit: 10, cursor: null, maxBytes: 150 };
        const page = await readListPage(items, { lists: [list], order: "ascending" }, request, ({ pk }) => ({
          value: pk,
          bytes: 100,
        }));
        expect(page).toEqual({ items: ["x1", "x2"], next: placeAt(noon + 2, "") });
      });
    });

    it("decides every condition as `meets` does", async () => {
      const item = fc.record({ a: value, b: value, n: value }, { requiredKeys: [] });
      let made = 0;
      await fc.assert(
        fc.asyncProperty(fc.option(item), condition, async (set, when) => {
          made += 1;
          const pk = `condition ${made}`;
          if (set !== null) await items.write({ pk, set });
          const before = await items.get(pk);
          expect(before).toEqual(set === null ? null : { ...set, pk });
          expect((await items.write({ pk, add: { n2: 1 }, when })).applied).toBe(meets(when, before));
        }),
        runs(120),
      );
    });

    it("gives the same as the memory driver with any writes, removals and expiries", async () => {
      const lists = ["one", "two#"].map((list) => ({ index: "byBox" as const, name: list }));
      let now = noon;
      let round = 0;
      const model = new MemoryItems({ clock: () => now });
      const take = async ({ is, change }: { is: Drawn["is"]; change: Change }, store: Items) => {
        if (is === "remove") return store.remove(change.pk, change.when);
        const { applied, previous } = await store.write(change);
        // After a lost answer the item before the write is known in part.
        return losesAnswers && applied ? { applied } : { applied, previous };
      };
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          round += 1;
          for (const drawn of steps) {
            if (drawn.is === "wait") now += 1000;
            opened.setClock(now);
            const one = { is: drawn.is, change: changeOf(drawn, round, now) };
            expect(await take(one, items)).toEqual(await take(one, model));
            expect(await items.get(one.change.pk)).toEqual(await model.get(one.change.pk));
          }
          const range: Range = { lists, order: "ascending" };
          expect(await collected(items.list(range))).toEqual(await collected(model.list(range)));
        }),
        runs(40),
      );
    });

    it("reads a foreign value as NaN, and compares only that it is unreadable", async ({ skip }) => {
      if (opened.spoil === undefined) return skip("the driver cannot have such a value");
      await opened.spoil("x");
      const broken = await items.get("x");
      expect(broken).toEqual({ pk: "x", a: Number.NaN });
      const when = asRead(broken, ["a"]);
      expect((await items.write({ pk: "x", set: { b: "1" }, when })).applied).toBe(true);
      expect((await items.write({ pk: "x", set: { a: "mended" }, when })).applied).toBe(true);
      expect((await items.write({ pk: "x", set: { a: "again" }, when })).applied).toBe(false);
    });

    it("decides the same for combined conditions on a missing item", async () => {
      const when = all(not(any(compare("n", ">", 1), present("a"))), compare("a", "<>", "x"), absent());
      expect((await items.write({ pk: "x", set: { a: "1" }, when })).applied).toBe(true);
      expect((await items.write({ pk: "x", set: { a: "2" }, when })).applied).toBe(false);
    });
  });
}

async function collected<One>(sequence: AsyncIterable<One>): Promise<One[]> {
  const all: One[] = [];
  for await (const one of sequence) all.push(one);
  return all;
}

function descending(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, n) => from - n);
}
