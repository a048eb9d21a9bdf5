import { type EventFilter, matches } from "@gatepost/core/events";
import { merge, type PersonType, type Report } from "@gatepost/protocol";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { action, noon, report, upsert } from "../../contract/samples.ts";
import { runs } from "../../support/seeded.ts";
import { openedByTests } from "./temporary.ts";

const { openRuntimeHere } = openedByTests();
let runtime: Awaited<ReturnType<typeof openRuntimeHere>>["runtime"];
beforeEach(async () => {
  ({ runtime } = await openRuntimeHere({ clock: () => noon }));
});

/** The events that SQL finds, page by page. */
async function found(filter: EventFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof runtime.reads.events.list>> = await runtime.reads.events.list(filter, {
      limit,
      cursor,
    });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = page.next;
  }
}

describe("SQL and the predicate of a filter", () => {
  const one = <Value>(...values: Value[]) => fc.constantFrom(...values);
  const sparsely = { requiredKeys: [] };
  // Letters with another or longer lower case, special characters of SQL, ends of lines and of texts.
  const unit = fc.constantFrom("a", "A", "b", "小", "明", "İ", "ß", "😀", "%", "_", "'", "\\", "\n", "\u0000", " ");
  const oddText = fc.string({ unit, minLength: 1, maxLength: 14 });
  const text = (...usual: string[]) =>
    fc.oneof({ weight: 3, arbitrary: one(...usual) }, { weight: 1, arbitrary: oddText });

  const anyReport = fc.record(
    {
      time: fc.integer({ min: noon - 5, max: noon }),
      device: fc.record(
        { id: text("cam-1", "cam-2"), ip: text("10.0.0.1", "10.0.0.2"), endpoint: text("S__10.0.0.1", "cam-1") },
        sparsely,
      ),
      person: fc.record(
        {
          id: text("7", "77", "小明"),
          name: text("Ada", "小明", "王小明"),
          type: one<PersonType>("vip", "stranger", "employee"),
        },
        sparsely,
      ),
      wantAction: one("0", "1001", "1002"),
      serial: text("BOX1", "box2"),
      flags: one(["text-cut:extra"], ["picture-unreadable:face", "text-cut:extra"]),
    },
    sparsely,
  );
  const anyFilter: fc.Arbitrary<EventFilter> = fc.record(
    {
      from: fc.integer({ min: noon - 6, max: noon + 1 }),
      to: fc.integer({ min: noon - 6, max: noon + 1 }),
      box: text("gate-1", "gate-2", "other"),
      device: text("cam-1", "10.0.0.1", "S__10.0.0.1", "nowhere"),
      person: text("7", "77", "小明"),
      type: one("vip", "stranger", "employee"),
      action: one("1001", "1002", "0"),
      flag: one("text-cut:extra", "picture-unreadable:face", "clock", "none"),
      q: fc.oneof(
        text("a", "ADA", "小", "小明", "王小明", "10.0.0", "0.0.1", "gate-2", "box", "7", "77", "nobody", "\n"),
        fc.string({ unit, minLength: 1, maxLength: 2 }),
      ),
    },
    sparsely,
  );

  const asked = [[], ["1001"], ["1002"], ["1001", "1002"]] as const;

  it("find the same events, newest first, in pages of any size", async () => {
    const { index } = runtime.ingest;
    const { events } = runtime.reads;
    const written = fc.sample(fc.tuple(anyReport, one("gate-1", "gate-2")), { numRuns: 200, seed: 7 });
    for (const [n, [changes, box]] of written.entries()) {
      const whole: Report = { ...report({ kind: n % 3 === 0 ? "realtime" : "history" }), ...changes };
      const name = `event ${n % 140}`;
      const entry = upsert(name, { box, report: whole, fingerprint: `face ${n}` });
      await index.upsert(entry);
      for (const want of asked[n % asked.length] ?? []) await index.upsert({ ...entry, action: action(name, want) });
    }
    const stored = await Promise.all(Array.from({ length: 140 }, (_, n) => events.get(upsert(`event ${n}`).eventId)));
    const all = stored.flatMap((event) => (event === null ? [] : merge(event)));
    const newestFirst = all.sort((a, b) => b.timestamp - a.timestamp || (a.id < b.id ? 1 : -1));
    const property = fc.asyncProperty(anyFilter, fc.integer({ min: 1, max: 40 }), async (filter, limit) => {
      const expected = newestFirst.filter((event) => matches(event, filter)).map(({ id }) => id);
      expect(await found(filter, limit)).toEqual(expected);
    });
    await fc.assert(property, runs(250));
  });

  it("find a text in a line, and never across two", async () => {
    const name = "a name that is longer than all the runs looked at";
    await runtime.ingest.index.upsert(upsert("a", { report: report({ person: { id: "7", name } }) }));
    const event = await runtime.reads.events.get(upsert("a").eventId);
    const finds = async (q: string) => [
      (await found({ q }, 10)).length,
      event !== null && matches(merge(event), { q }) ? 1 : 0,
    ];
    expect(await finds(name.toUpperCase())).toEqual([1, 1]);
    expect(await finds(`${name}\n7`)).toEqual([0, 0]);
    expect(await finds("\n")).toEqual([0, 0]);
  });
});
