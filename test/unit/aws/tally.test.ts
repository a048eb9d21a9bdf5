import { halfHourOf } from "@gatepost/core/statistics";
import { halfHourMs } from "@gatepost/core/zones";
import { type PersonType, type Report, reportKinds } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { toAttributes } from "../../../packages/aws/src/dynamo/item.ts";
import { DynamoHalfHours } from "../../../packages/aws/src/statistics/half-hours.ts";
import { Tally } from "../../../packages/aws/src/statistics/tally.ts";
import { day, noon, report } from "../../contract/samples.ts";
import { rounds } from "../../support/seeded.ts";
import { FakeTable } from "./fake-table.ts";

type Shape = Pick<Report, "kind" | "time"> & { type: PersonType; flags?: string[] };

/** The row of an event, as ingest writes it. */
function rowOf(id: string, { kind, time, type, flags = [] }: Shape, { box = "gate-1", made = "1" } = {}): Item {
  const facts = { kind, person: { id, type }, score: [0.5, 1] as [number, number] };
  const passingReport = report({
    ...facts,
    ...(time === undefined ? {} : { time }),
    ...(flags.length === 0 ? {} : { flags }),
  });
  return { pk: `evt_${id}`, box, made, rev: 1, [`r_${kind.replace("-", "_")}`]: JSON.stringify(passingReport) };
}

interface Change {
  before: Item | undefined;
  after: Item | undefined;
}

const recordOf = ({ before, after }: Change, sequence: number) => ({
  dynamodb: {
    SequenceNumber: String(sequence),
    ...(before === undefined ? {} : { OldImage: toAttributes(before) }),
    ...(after === undefined ? {} : { NewImage: toAttributes(after) }),
  },
});

type Recorded = ReturnType<typeof recordOf>;

const always = { from: noon - 30 * day, to: noon + day, boxes: null };
const shape: Shape = { kind: "history", time: noon, type: "employee" };

let table: FakeTable;
let lines: string[];
let tally: Tally;

beforeEach(() => {
  table = new FakeTable();
  lines = [];
  tally = tallyOn(table);
});

function tallyOn(dynamo: FakeTable): Tally {
  const log = { info: () => {}, warn: () => {}, error: (message: string) => void lines.push(message) };
  return new Tally({ dynamo, log, clock: () => noon, keptMs: 400 * day });
}

const readerOf = (dynamo: FakeTable) =>
  new DynamoHalfHours(dynamo.asDynamo(), { clock: () => noon, keptMs: 400 * day });

async function countsIn(dynamo = table): Promise<Record<string, number>> {
  const counts = new Map<string, number>();
  for await (const { halfHours } of readerOf(dynamo).read(always)) {
    for (const { box, start, type, count } of halfHours)
      counts.set(`${box} ${(start - noon) / halfHourMs} ${type}`, count);
  }
  return Object.fromEntries(counts);
}

const totalIn = async (dynamo = table) =>
  [...(await readerOf(dynamo).totals(always)).values()].reduce((sum, count) => sum + count, 0);

describe("the tally of a stream", () => {
  const made = (n: number, sequence: number) => recordOf({ before: undefined, after: rowOf(`${n}`, shape) }, sequence);
  const count = (Records: readonly Recorded[], shardId = "shard-1") => tally.count({ shardId, Records });

  it("answers with the state that a window needs, even without a record", async () => {
    expect(await count([made(1, 1)])).toEqual({ state: {} });
    expect(await count([])).toEqual({ state: {} });
  });

  it("counts a batch once that arrives twice, in halves, or late", async () => {
    const records = [1, 2, 3, 4, 5].map((n) => made(n, n * 7));
    await count(records.slice(0, 2));
    await count(records.slice(0, 2));
    await count(records.slice(1, 4));
    await count(records.slice(0, 1));
    await count(records);
    await count(records.slice(2));
    expect([await countsIn(), await totalIn()]).toEqual([{ "gate-1 0 employee": 5 }, 5]);
  });

  it("takes sequence numbers as numbers, however many digits they have", async () => {
    await count([made(1, 9)]);
    await count([made(2, 10)]);
    expect(await totalIn()).toBe(2);
  });

  it("counts the rest of a batch that failed in the middle", async () => {
    const records = [recordOf({ before: undefined, after: rowOf("a", shape, { box: "lobby" }) }, 1), made(2, 2)];
    table.failAt(2);
    await expect(count(records)).rejects.toThrow("the table does not answer");
    await count(records);
    expect([await countsIn(), await totalIn()]).toEqual([{ "gate-1 0 employee": 1, "lobby 0 employee": 1 }, 2]);
  });

  it("keeps no mark of a shard that is counted to its end", async () => {
    for (let shard = 0; shard < 50; shard++) await count([made(shard, 1)], `shard-${shard}`);
    const rows = [...table.rows.values()].filter(({ pk }) => String(pk).startsWith("counts "));
    expect(rows).toHaveLength(2);
    for (const { marks } of rows) expect(Object.keys(JSON.parse(String(marks)))).toEqual(["shard-49"]);
    for (let shard = 0; shard < 50; shard++) await count([made(shard, 1)], `shard-${shard}`);
    expect(await totalIn()).toBe(50);
  });

  it("counts once if other processes finished the shard between its two reads", async () => {
    let reads = 0;
    table.beforeRead = async () => {
      reads += 1;
      if (reads !== 2) return;
      table.beforeRead = async () => {};
      await tallyOn(table).count({ shardId: "shard-1", Records: [made(1, 1)] });
      // Another shard's batch leaves out the mark of this one, which is counted to its end.
      await tallyOn(table).count({ shardId: "shard-2", Records: [made(2, 1)] });
    };
    await count([made(1, 1)]);
    expect([await countsIn(), await totalIn(), reads]).toEqual([{ "gate-1 0 employee": 2 }, 2, 2]);
  });

  it.each([{}, { upTo: 7 }, { upTo: "soon" }])(
    "continues if the end of a shard is %j, logs it once, and repairs it",
    async (row) => {
      for (const shard of ["shard-1", "shard-2"]) {
        await count([made(1, 1)], "shard-1");
        table.rows.set(`counted ${shard}`, { pk: `counted ${shard}`, ...row });
        await count([made(2, 2)], "shard-1");
        table.rows.set(`counted ${shard}`, { pk: `counted ${shard}`, ...row });
        await count([made(1, 1), made(2, 2)], "shard-1");
        await count([made(3, 1)], "shard-2");
      }
      expect([await totalIn(), lines]).toEqual([3, Array(2).fill("a row is broken and not used")]);
      expect(table.rows.get("counted shard-1")).toMatchObject({ upTo: "2".padStart(40, "0") });
      expect(table.rows.get("counted shard-2")).toMatchObject({ upTo: "1".padStart(40, "0") });
    },
  );

  it("does not count an event that cannot be read, and continues", async () => {
    const broken = { ...rowOf("broken", shape), r_history: "{" };
    await count([made(1, 1), recordOf({ before: undefined, after: broken }, 2), made(3, 3)]);
    expect([await totalIn(), lines]).toEqual([2, ["an event was not counted"]]);
  });

  it("counts an event with a foreign value, unless its report is of another type", async () => {
    const withValue = (n: number, name: string) => {
      const { dynamodb } = made(n, n);
      return { dynamodb: { ...dynamodb, NewImage: { ...dynamodb.NewImage, [name]: { BOOL: true } } } };
    };
    await count([withValue(1, "of_a_tool"), withValue(2, "r_history"), made(3, 3)]);
    expect([await totalIn(), lines]).toEqual([2, ["an event was not counted"]]);
  });

  it("leaves unreadable counts unchanged, and counts all others", async () => {
    await count([made(1, 1)]);
    const [[pk = "", row] = []] = [...table.rows].filter(([key]) => key.startsWith("counts gate-1 "));
    const broken = { ...row, pk, counts: "16x:2" };
    table.rows.set(pk, broken);
    const others = recordOf({ before: undefined, after: rowOf("2", shape, { box: "gate-2" }) }, 2);
    await count([others, made(3, 3)]);
    expect([table.rows.get(pk), await totalIn()]).toEqual([broken, 3]);
    expect(lines).toEqual(["counts of a box and day cannot be read, and stay as they are"]);
  });

  it("leaves out rows that are no events, and events older than counts are kept", async () => {
    const old = rowOf("old", { ...shape, time: noon - 402 * day });
    const others = [{ pk: "key_1", scope: "read" }, { pk: "counts gate-1 2026-11-20", marks: "{}" }, old];
    await count(others.map((after, n) => recordOf({ before: undefined, after }, n + 1)));
    expect([...table.rows.keys()]).toEqual(["counted shard-1"]);
  });

  it.each([
    [{ Records: [] }, "without its shard"],
    [{ shardId: "", Records: [] }, "of no shard"],
    [{ shardId: "a", Records: [{ dynamodb: { SequenceNumber: "x" } }] }, "with a sequence that is no number"],
    [{ shardId: "a", Records: [{ dynamodb: { SequenceNumber: "1".repeat(41) } }] }, "with an endless one"],
  ])("refuses a batch %j %s", async (event, _) => {
    await expect(tally.count(event)).rejects.toThrow();
  });

  it("fails on a row that others write again and again: the batch is repeated", async () => {
    table.alwaysRefuse = true;
    await expect(count([made(1, 1)])).rejects.toThrow("changed by others");
    expect(table.rows.has("counted shard-1")).toBe(false);
  });
});

/** What happens to events, in the order in which it does. */
const history = fc.array(
  fc.record({
    event: fc.integer({ min: 0, max: 7 }),
    act: fc.constantFrom("write" as const, "write" as const, "write" as const, "remove" as const, "replace" as const),
    kind: fc.constantFrom(...reportKinds),
    halfHour: fc.integer({ min: -60, max: 2 }),
    type: fc.constantFrom("employee" as const, "stranger" as const, "vip" as const),
    isFlagged: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

interface Expected {
  counts: Record<string, number>;
  flagged: number;
}

/** The changes of these rows, and the expected counts after them. */
function changesOf(steps: typeof history extends fc.Arbitrary<infer Steps> ? Steps : never): {
  changes: (Change & { event: number })[];
  expected: Expected;
} {
  const rows = new Map<number, { row: Item; shape: Shape; key: string }>();
  const counts = new Map<string, number>();
  const add = (key: string, by: number) => {
    const sum = (counts.get(key) ?? 0) + by;
    if (sum === 0) counts.delete(key);
    else counts.set(key, sum);
  };
  let made = 0;
  const madeOf = (held: Item | undefined) => {
    made += 1;
    return held === undefined ? `${made}` : String(held["made"]);
  };
  const changes = steps.flatMap<Change & { event: number }>(({ event, act, kind, halfHour, type, isFlagged }) => {
    const held = rows.get(event);
    if (act === "remove") {
      rows.delete(event);
      return held === undefined ? [] : [{ event, before: held.row, after: undefined }];
    }
    const same = act === "replace" ? undefined : held;
    const time = noon + halfHour * halfHourMs;
    const shape: Shape = { kind, time, type, flags: isFlagged ? ["tolerant-parse"] : [] };
    const box = event % 2 === 0 ? "gate-1" : "lobby";
    // One report alone is shown, so that the model need not merge.
    const row = rowOf(`${event}`, shape, { box, made: madeOf(same?.row) });
    const key = `${box} ${(halfHourOf(time) - noon) / halfHourMs} ${type}`;
    if (same !== undefined) add(same.key, -1);
    add(key, 1);
    rows.set(event, { row, shape, key });
    return [{ event, before: held?.row, after: row }];
  });
  // A passing after its receipt has the flag of a clock that is ahead.
  const isFlaggedShape = ({ flags = [], time = noon }: Shape) => flags.length > 0 || time > noon;
  const flagged = [...rows.values()].filter(({ shape }) => isFlaggedShape(shape)).length;
  return { changes, expected: { counts: Object.fromEntries(counts), flagged } };
}

interface Shard {
  name: string;
  records: Recorded[];
  /** The shard that must be delivered to its end before this one begins. */
  parent: Shard | null;
}

/** Cuts changes into shards as DynamoDB does: by the row, and at some time each shard into two. */
function shardsOf(changes: readonly (Change & { event: number })[], splitAt: number): Shard[] {
  const shard = (name: string, parent: Shard | null = null): Shard => ({ name, records: [], parent });
  const roots = [shard("a"), shard("b")] as const;
  const children = roots.map((root) => [shard(`${root.name}0`, root), shard(`${root.name}1`, root)] as const);
  for (const [n, change] of changes.entries()) {
    const root = change.event % 2;
    const open = n < splitAt ? roots[root === 0 ? 0 : 1] : children[root]?.[change.event % 4 < 2 ? 0 : 1];
    // Each shard has its own numbers, which may equal the numbers of another one.
    open?.records.push(recordOf(change, 5 + 3 * open.records.length));
  }
  return [...roots, ...children.flat()];
}

/** Hands over a shard in batches, in any of the ways in which Lambda may. Resolves once all of it was taken. */
async function deliver(one: Shard, world: World): Promise<void> {
  const { random } = world;
  let taken = 0;
  while (taken < one.records.length) {
    const size = 1 + Math.floor(random() * 6);
    // A batch may begin with records that were taken already.
    const begin = Math.max(0, taken - Math.floor(random() * 4));
    const batch = one.records.slice(begin, taken + size);
    if (random() < 0.3) world.zombies.push(world.hand(one, batch).catch(() => {}));
    if (random() < 0.3) world.zombies.push(world.hand(one, one.records.slice(0, taken)).catch(() => {}));
    await handUntilTaken(one, batch, world);
    taken += size;
  }
}

async function handUntilTaken(one: Shard, batch: readonly Recorded[], world: World): Promise<void> {
  try {
    await world.hand(one, batch);
    return;
  } catch {
    const half = Math.ceil(batch.length / 2);
    if (half === batch.length) return handUntilTaken(one, batch, world);
    await handUntilTaken(one, batch.slice(0, half), world);
    await handUntilTaken(one, batch.slice(half), world);
  }
}

interface World {
  random(): number;
  /** Deliveries that no caller waits for any more. */
  zombies: Promise<unknown>[];
  hand(shard: Shard, batch: readonly Recorded[]): Promise<unknown>;
}

describe("for any kind of deliveries", () => {
  it("each event is counted once", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(40), async (steps, seed, splitAt) => {
        const { changes, expected } = changesOf(steps);
        const dynamo = new FakeTable({ seed, failures: 0.1 });
        const world: World = {
          random: dynamo.random,
          zombies: [],
          // A new process each time: none remembers anything.
          hand: (shard, Records) => tallyOn(dynamo).count({ shardId: shard.name, Records }),
        };
        const shards = shardsOf(changes, splitAt);
        const done = new Map<Shard, Promise<void>>();
        for (const shard of shards) {
          const before = shard.parent === null ? Promise.resolve() : done.get(shard.parent);
          done.set(
            shard,
            (before ?? Promise.resolve()).then(() => deliver(shard, world)),
          );
        }
        await Promise.all(done.values());
        await Promise.all(world.zombies);
        dynamo.heal();
        expect(await countsIn(dynamo)).toEqual(expected.counts);
        expect(await totalIn(dynamo)).toBe(Object.values(expected.counts).reduce((sum, count) => sum + count, 0));
        expect(await readerOf(dynamo).flagged(always)).toBe(expected.flagged);
      }),
      { numRuns: rounds(150) },
    );
  }, 120_000);
});
