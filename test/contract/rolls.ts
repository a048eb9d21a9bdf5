import { personRecordsIn } from "@gatepost/core/person-records";
import { maxRolled, RollLinks, Rolls, type Tick } from "@gatepost/core/rolls";
import { dayMs, minuteMs } from "@gatepost/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ToldNews } from "../support/told.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const ada = { id: "acc_1", name: "Ada" };
const jonas = { id: "acc_2", name: null };

const person = (key: string, library = "gate-1") => ({
  library,
  key,
  id: key,
  name: `P${key}`,
  type: "employee" as const,
  since: noon - Number(key),
  group: key === "1" ? "Office" : null,
  event: `evt_${key}`,
  device: null,
  pictures: [],
  box: library.replace(/^~.*/, "gate-1"),
});

const begin = { site: "hq", isDrill: false, at: noon, by: ada };

const tick = (id: string, at: number, isSafe = true, key = "gate-1/1"): Tick => ({ id: `tic_${id}`, key, isSafe, at });

/** Evacuation lists, on any driver of the record store. */
export function rollsContract(name: string, open: () => Promise<OpenedItems>, tries = 4): void {
  describe(`${name} keeps rolls:`, () => {
    let opened: OpenedItems;
    let rolls: Rolls;
    let news: ToldNews;
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      news = new ToldNews();
      rolls = new Rolls(opened.items, news);
    });
    afterEach(() => opened.close());

    it("one open list of a site, until it is closed", async () => {
      const roll = await rolls.begin(begin, [person("1"), person("2")]);
      expect(await rolls.get(roll.id)).toEqual(roll);
      await expect.poll(() => rolls.open()).toEqual([roll]);
      await expect(rolls.begin(begin, [])).rejects.toMatchObject({ code: "open" });
      const depot = await rolls.begin({ ...begin, site: "depot", at: noon + 1 }, []);
      await expect.poll(() => rolls.open()).toEqual([roll, depot]);
      const closed = await rolls.close(roll.id, { at: noon + 1, by: jonas });
      expect(closed?.closed).toEqual({ at: noon + 1, by: jonas });
      expect(news.told).toEqual([roll, depot, roll].map(({ id }) => ({ kind: "roll", roll: id })));
      expect(await rolls.close(roll.id, { at: noon + 2, by: ada })).toEqual(closed);
      await expect.poll(() => rolls.open()).toEqual([depot]);
      await expect(rolls.tick({ ...roll, ...closed }, [tick("1", noon)], ada)).rejects.toMatchObject({
        code: "closed",
      });
      expect((await rolls.begin({ ...begin, at: noon + 3 }, [])).id).not.toBe(roll.id);
      expect(await rolls.get("rol_none")).toBeNull();
      expect(await rolls.close("rol_none", { at: noon, by: ada })).toBeNull();
    });

    it("its people, those who went in first before the others", async () => {
      const roll = await rolls.begin(begin, [person("1"), person("2", "~hq")]);
      await expect.poll(async () => (await rolls.people(roll.id)).length).toBe(2);
      expect(await rolls.people(roll.id)).toMatchObject([
        {
          key: "~hq/2",
          library: "~hq",
          id: "2",
          name: "P2",
          since: noon - 2,
          event: "evt_2",
          device: null,
          tick: null,
        },
        { key: "gate-1/1", group: "Office" },
      ]);
      await expect(
        rolls.begin({ ...begin, site: "depot" }, Array(maxRolled + 1).fill(person("1"))),
      ).rejects.toMatchObject({ code: "too-many" });
    });

    it("the same list in any order and repetition of ticks", async () => {
      const ticks = fc
        .uniqueArray(
          fc.record({
            id: fc.integer({ min: 0, max: 30 }).map(String),
            at: fc.integer({ min: noon, max: noon + 5 }),
            isSafe: fc.boolean(),
            key: fc.constantFrom("gate-1/1", "gate-1/2", "gate-1/none", "+added"),
          }),
          { maxLength: 10, selector: ({ id }) => id },
        )
        .map((all) => all.map(({ key, ...one }) => ({ ...one, key, ...(key === "+added" ? { name: "Guest" } : {}) })));
      const heard = ticks.chain((all) =>
        fc.record({
          all: fc.constant(all),
          twice: fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
          at: fc.integer({ min: 1, max: 4 }),
        }),
      );
      let sites = 0;
      await fc.assert(
        fc.asyncProperty(heard, async ({ all, twice, at }) => {
          const lists = await Promise.all(
            [all, twice].map(async (some) => {
              const roll = await rolls.begin({ ...begin, site: `site-${sites++}` }, [person("1"), person("2")]);
              for (let from = 0; from < some.length; from += at)
                await rolls.tick(roll, some.slice(from, from + at), ada);
              return async () =>
                (await rolls.people(roll.id)).map(({ key, tick: last }) => [key, last?.id, last?.isSafe]);
            }),
          );
          const latest = (key: string) => all.filter((one) => one.key === key).toSorted(laterFirst)[0];
          const added = latest("+added");
          const expected = [
            ...(added === undefined ? [] : [["+added", added.id, added.isSafe]]),
            ...["gate-1/2", "gate-1/1"].map((key) => [key, latest(key)?.id, latest(key)?.isSafe]),
          ];
          for (const listed of lists) await expect.poll(listed).toEqual(expected);
        }),
        { numRuns: tries },
      );
    });

    it("the people who were added, up to a number", async () => {
      const roll = await rolls.begin(begin, []);
      const add = (n: number) => ({ ...tick(`${n}`, noon, true, `+guest${n}`), name: `Guest ${n}` });
      await rolls.tick(roll, [add(0)], jonas);
      await expect
        .poll(() => rolls.people(roll.id))
        .toMatchObject([
          { key: "+guest0", library: null, id: null, name: "Guest 0", since: null, event: null, tick: { by: jonas } },
        ]);
      const many = Array.from({ length: 500 }, (_, n) => add(n + 1));
      await expect(rolls.tick(roll, many, jonas)).rejects.toMatchObject({ code: "too-many" });
    });

    it("nothing of an erased person", async () => {
      const roll = await rolls.begin(begin, [person("1"), person("2"), person("1", "gate-2"), person("1", "~hq")]);
      await expect.poll(async () => (await rolls.people(roll.id)).length).toBe(4);
      await rolls.tick(roll, [tick("1", noon)], ada);
      await personRecordsIn(opened.items).erase({ person: " 1", box: "gate-1" });
      const keys = async () => (await rolls.people(roll.id)).map(({ key }) => key).toSorted();
      await expect.poll(keys).toEqual(["gate-1/2", "gate-2/1"]);
      // A phone that was offline sends its tick later.
      await rolls.tick(roll, [tick("2", noon + 1)], ada);
      expect(await keys()).toEqual(["gate-1/2", "gate-2/1"]);
      await personRecordsIn(opened.items).erase({ person: "1", box: null });
      await expect.poll(keys).toEqual(["gate-1/2"]);
    });

    it("its links, each with the boxes and the key of its maker, until they end", async () => {
      const links = new RollLinks(opened.items, opened.clock);
      const byKey = {
        roll: "rol_1",
        name: "Gate S2",
        boxes: null,
        by: "key_1",
        keyHash: "f".repeat(64),
        lowered: null,
      };
      const byAccount = { ...byKey, boxes: ["gate-1", "gate-2"], by: "acc_1", keyHash: null, lowered: 0 };
      const made = await Promise.all([links.make("a".repeat(64), byKey), links.make("b".repeat(64), byAccount)]);
      const find = () => Promise.all(["a", "b"].map((hash) => links.find(hash.repeat(64))));
      expect(made).toMatchObject([byKey, byAccount]);
      expect(await find()).toEqual(made);
      await links.make("c".repeat(64), { ...byKey, roll: "rol_2" });
      await expect
        .poll(async () => {
          await links.endAll("rol_1");
          return find();
        })
        .toEqual([null, null]);
      expect(await links.find("c".repeat(64))).toMatchObject({ roll: "rol_2" });
      opened.setClock(noon + dayMs);
      expect(await links.find("c".repeat(64))).toBeNull();
    });

    it("a list for 31 days, and a beginning that failed for a minute", async () => {
      const roll = await rolls.begin(begin, [person("1")]);
      await opened.items.remove(roll.id);
      await expect(rolls.begin({ ...begin, at: noon + 1 }, [])).rejects.toMatchObject({ code: "open" });
      const next = await rolls.begin({ ...begin, at: noon + 2 * minuteMs }, []);
      await expect.poll(() => rolls.open()).toEqual([next]);
      opened.setClock(noon + 32 * dayMs);
      expect(await rolls.get(next.id)).toBeNull();
      expect(await rolls.people(roll.id)).toEqual([]);
    });
  });
}

function laterFirst(a: Tick, b: Tick): number {
  return b.at - a.at || (a.id < b.id ? 1 : -1);
}
