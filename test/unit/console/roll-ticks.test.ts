import fc from "fast-check";
import { expect, it } from "vitest";
import { latestOf, rowGroups, rowsOf, type Tick } from "../../../packages/console/src/state/rolls/ticks.ts";
import { runs } from "../../support/seeded.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const by = { account: null, name: "Ada" };

const tick = fc.record({
  key: fc.constantFrom("gate-1/1", "gate-1/2", "+added"),
  id: fc.integer({ min: 0, max: 30 }).map((n) => `tic_${n}`),
  isSafe: fc.boolean(),
  at: fc.integer({ min: 0, max: 3 }).map((n) => new Date(noon + n).toISOString()),
  name: fc.constant(null),
  by: fc.constant(by),
});

const ticks = fc.uniqueArray(tick, { maxLength: 12, selector: ({ id }) => id });

it("the order and the repetition of ticks change no list", () => {
  const heard = ticks.chain((all) =>
    fc.record({
      all: fc.constant(all),
      twice: fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
      cut: fc.integer({ min: 0, max: all.length }),
    }),
  );
  fc.assert(
    fc.property(heard, ({ all, twice, cut }) => {
      const sorted = (latest: ReadonlyMap<string, Tick>) => [...latest].toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(latestOf(twice))).toEqual(sorted(latestOf(all)));
      // Two phones that each knew a part know the same after both parts.
      const [some, others] = [latestOf(all.slice(0, cut)), latestOf(all.slice(cut))];
      expect(sorted(latestOf([...others.values(), ...some.values()]))).toEqual(sorted(latestOf(all)));
    }),
    runs(200),
  );
});

it("lists all people by name, with those who were added", () => {
  const person = (id: string, name: string | null) => ({
    key: `gate-1/${id}`,
    library: "gate-1",
    id,
    name,
    pinyin: null,
    type: "employee" as const,
    group: id === "10" ? null : `Group ${id}`,
    since: new Date(noon).toISOString(),
    event: `evt_${id}`,
    device: null,
    pictures: [],
    passings: [],
  });
  const at = new Date(noon).toISOString();
  const latest = latestOf([
    { key: "gate-1/2", id: "tic_1", isSafe: true, at, name: null, by },
    { key: "+guest", id: "tic_2", isSafe: false, at, name: "Guest", by },
    { key: "gate-1/erased", id: "tic_3", isSafe: true, at, name: null, by },
  ]);
  const out = { key: "gate-1/1", at, event: "evt_9", device: null };
  const people = [person("1", "Zoe"), person("2", "Ada"), person("10", null)];
  const rows = rowsOf({ people, outs: [out, { ...out, key: "gate-1/erased" }] }, latest);
  expect(rows.map((row) => row.out)).toEqual([null, null, null, out]);
  expect(rowGroups(rows).map(({ name, rows: of }) => [name, of.map((row) => row.name)])).toEqual([
    ["Group 1", ["Zoe"]],
    ["Group 2", ["Ada"]],
    [null, ["10", "Guest"]],
  ]);
  expect(rows.map(({ name, isSafe }) => [name, isSafe])).toEqual([
    ["10", false],
    ["Ada", true],
    ["Guest", false],
    ["Zoe", false],
  ]);
});
