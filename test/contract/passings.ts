import type { EventEraser } from "@gatepost/core/erasure";
import type { EventIndex } from "@gatepost/core/events";
import type { PassingRange, PassingReader, PeopleSettings, StoredPassing } from "@gatepost/core/people";
import { idOf, minuteMs, type Report } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../support/erase-person.ts";
import { day, noon, report, upsert } from "./samples.ts";

export interface PassingsUnderTest {
  index: EventIndex;
  eraser: EventEraser;
  passings: PassingReader;
  settings: Pick<PeopleSettings, "set">;
  /** Waits until the people of all writes are noted. */
  settle(): Promise<void>;
  setClock(now: number): void;
  close(): Promise<void>;
}

const all = { boxes: ["gate-1", "lobby"], from: noon - 30 * day, to: noon + 30 * day };

/** Every reader of passings keeps these promises. */
export function passingsContract(name: string, open: () => Promise<PassingsUnderTest>): void {
  describe(`${name} reads passings:`, () => {
    let deps: PassingsUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const put = (event: string, facts: Partial<Report> = {}, overrides = {}) =>
      deps.index.upsert(upsert(event, { report: report({ receivedAt: noon, ...facts }), ...overrides }));
    const read = async (range: Partial<PassingRange> = {}) => {
      const found: StoredPassing[] = [];
      for await (const some of deps.passings.read({ ...all, of: "known", ...range })) found.push(...some);
      return found;
    };
    const timesOf = async (range: Partial<PassingRange> = {}) =>
      (await read(range)).map(({ at }) => (at - noon) / minuteMs).sort((a, b) => b - a);

    it("known people and strangers, with their facts", async () => {
      await put("a", {
        time: noon - 1000,
        person: { id: "7 ", name: "Ada", type: "vip", group: "Office" },
        score: [0.93, 1],
        device: { id: "d1", ip: "10.0.0.7", endpoint: "e", direction: "in" },
      });
      await put("b", { time: noon - 2000, person: { type: "stranger" } });
      expect(await read()).toEqual([
        {
          event: idOf("evt", ["a"]),
          box: "gate-1",
          time: noon - 1000,
          at: noon - 1000,
          isClockWrong: false,
          own: "in",
          device: { id: "d1", ip: "10.0.0.7", endpoint: "e" },
          score: 93,
          pictures: [],
          person: { key: "7", id: "7 ", name: "Ada", type: "vip", group: "Office" },
        },
      ]);
      expect(await read({ of: "strangers" })).toMatchObject([{ event: idOf("evt", ["b"]), person: null }]);
    });

    it("none that was denied, and the directions that terminals send by passing", async () => {
      const person = { id: "7", type: "employee" } as const;
      const passes = (event: string, minutes: number, facts: Partial<Report>) =>
        put(event, { time: noon - minutes * minuteMs, person, ...facts });
      await passes("granted-in", 3, { result: "granted", device: { id: "d1", direction: "in" } });
      await passes("denied", 2, { result: "denied", reason: "expired", device: { id: "d1", direction: "out" } });
      await passes("granted-out", 1, { result: "granted", device: { id: "d1", direction: "out" } });
      await passes("silent", 0, { device: { id: "d1" } });
      await put("stranger", { time: noon, person: { type: "stranger" }, result: "denied" });
      const found = (await read()).toSorted((a, b) => a.at - b.at);
      expect(found.map(({ own }) => own)).toEqual(["in", "out", null]);
      expect(await read({ of: "strangers" })).toEqual([]);
    });

    it("one person, the newest first, at the asked boxes", async () => {
      for (let n = 0; n < 120; n++) {
        await put(`a${n}`, { time: noon - n * minuteMs, person: { id: "7", type: "employee" } });
      }
      await put("b", { time: noon, person: { id: "8", type: "employee" } });
      await put("c", { time: noon - 90_000, person: { id: "7", type: "employee" } }, { box: "lobby" });
      const found = await read({ of: { key: "7" } });
      expect(found.map(({ time }) => (noon - time) / minuteMs)).toEqual(
        [...Array.from({ length: 120 }, (_, n) => n), 1.5].sort((a, b) => a - b),
      );
      expect(await timesOf({ of: { key: "7" }, boxes: ["lobby"] })).toEqual([-1.5]);
      expect(await timesOf({ of: { key: "9" } })).toEqual([]);
      expect(await timesOf({ of: { key: "7" }, boxes: [] })).toEqual([]);
    });

    it("by their counted times: the receipt, if the box is ahead", async () => {
      await put("ahead", { time: noon + 60 * minuteMs });
      await put("late", { time: noon - 60 * minuteMs });
      await put("unset", { time: 0 });
      expect(await timesOf()).toEqual([0, 0, -60]);
      expect((await read()).map(({ isClockWrong }) => isClockWrong).sort()).toEqual([false, true, true]);
      expect(await timesOf({ from: noon, to: noon + 1 })).toEqual([0, 0]);
      expect(await timesOf({ from: noon + 1 })).toEqual([]);
      expect(await timesOf({ from: noon - 60 * minuteMs, to: noon })).toEqual([-60]);
      await put("ahead", { kind: "realtime", time: noon + 60 * minuteMs, receivedAt: noon - minuteMs });
      expect(await timesOf({ from: noon - minuteMs })).toEqual([0, -1]);
    });

    it("gives the last passing of each person before a time", async () => {
      for (let n = 0; n < 30; n++) {
        const person = { id: `${n}`, type: "employee" as const, group: "old" };
        await put(`far ${n}`, { time: noon - 20 * day - n * minuteMs, person });
        await put(`last ${n}`, { time: noon - (n % 7) * day - minuteMs, person: { ...person, group: "new" } });
        await put(`after ${n}`, { time: noon + minuteMs, receivedAt: noon + minuteMs, person }, { box: "lobby" });
      }
      // The box is ahead by an hour.
      await put("ahead", { time: noon + 60 * minuteMs, receivedAt: noon - 1, person: { id: "3", type: "employee" } });
      const people = Array.from({ length: 31 }, (_, n) => ({ key: `${n}`, boxes: all.boxes }));
      const last = async (asked: typeof people, before: number) =>
        (await deps.passings.lastBefore(asked, before)).map(
          (one) => one && [one.person?.key, one.at, one.person?.group],
        );
      const expected: (string | number | null)[][] = people.map(({ key }) => [
        ...[key, noon - (Number(key) % 7) * day - minuteMs, "new"],
      ]);
      expect(await last(people, noon)).toEqual([...expected.with(3, ["3", noon - 1, null]).slice(0, 30), null]);
      expect(await last(people.slice(0, 3), noon)).toEqual(expected.slice(0, 3));
      expect(await last(people.slice(8, 9), noon - day)).toEqual([["8", noon - day - minuteMs, "new"]]);
      expect(await last([{ key: "3", boxes: ["lobby"] }], noon)).toEqual([null]);
      expect(await last([], noon)).toEqual([]);
    });

    it("once each, also after repeats and further reports", async () => {
      await put("a", { kind: "realtime", time: noon - 5 * minuteMs, person: { id: "7", type: "employee" } });
      await put("a", { kind: "realtime", time: noon - 5 * minuteMs, person: { id: "7", type: "employee" } });
      await put("a", { time: noon - 5 * minuteMs, person: { id: "7", type: "vip" }, device: { direction: "out" } });
      expect(await read()).toMatchObject([{ person: { type: "vip" }, own: "out" }]);
    });

    it("without events that were erased", async () => {
      await put("a", { person: { id: "7", type: "employee" } });
      await put("b", { person: { id: "8", type: "employee" }, time: noon - minuteMs });
      await deps.eraser.eraseEvent(idOf("evt", ["a"]));
      expect(await timesOf()).toEqual([-1]);
      await erasePerson(deps.eraser, "8", "gate-1");
      expect(await timesOf()).toEqual([]);
    });

    const known = async (boxes: readonly string[] = all.boxes) => {
      await deps.settle();
      const people = await deps.passings.known(boxes);
      return people.map(({ box, key, name: of, day: last }) => [box, key, of, last - Math.floor(noon / day)]).sort();
    };

    it("and knows each person at each box, by the latest day", async () => {
      for (const [event, id, days, box] of [
        ...([
          ["a", "7", 3, "gate-1"],
          ["b", "7", 1, "gate-1"],
          ["c", "7", 2, "gate-1"],
        ] as const),
        ...([
          ["d", "7", 5, "lobby"],
          ["e", "8", 0, "lobby"],
        ] as const),
      ] as const) {
        await put(event, { time: noon - days * day, person: { id, name: id, type: "employee" } }, { box });
      }
      await put("f", { person: { id: "9", type: "stranger" } });
      expect(await known()).toEqual([
        ["gate-1", "7", "7", -1],
        ["lobby", "7", "7", -5],
        ["lobby", "8", "8", 0],
      ]);
      expect(await known(["gate-1"])).toEqual([["gate-1", "7", "7", -1]]);
      expect(await known([])).toEqual([]);
    });

    it("and finds the latest name of a person who also passes without one", async () => {
      const pass = (event: string, minutes: number, name: string | null, box = "gate-1") =>
        put(
          event,
          { time: noon + minutes * minuteMs, person: { id: "7", type: "employee", ...(name && { name }) } },
          { box },
        );
      deps.setClock(noon + day);
      const named = async (boxes = all.boxes) => {
        await deps.settle();
        return deps.passings.named(["7", "8"].map((key) => ({ key, boxes })));
      };
      await pass("a", 0, "Ada");
      await deps.settle();
      await pass("b", 1, null);
      expect(await named()).toEqual(["Ada", null]);
      await pass("c", 2 - 24 * 60, "Ada L.", "lobby");
      expect(await named()).toEqual(["Ada", null]);
      expect(await named(["lobby"])).toEqual(["Ada L.", null]);
      expect(await named([])).toEqual([null, null]);
      await deps.eraser.eraseEvent(idOf("evt", ["a"]));
      expect(await named()).toEqual(["Ada L.", null]);
      await erasePerson(deps.eraser, "7", null);
      expect(await named()).toEqual([null, null]);
    });

    it("and forgets a name with the event that has it, though the person passes without one later", async () => {
      const pass = (event: string, days: number, name: string | null) =>
        put(event, { time: noon - days * day, person: { id: "7", type: "employee", ...(name && { name }) } });
      await pass("a", 2, "Ada");
      await deps.settle();
      await pass("b", 1, null);
      await deps.settle();
      expect(await known()).toEqual([["gate-1", "7", "Ada", -1]]);
      const named = () => deps.passings.named([{ key: "7", boxes: all.boxes }]);
      expect(await named()).toEqual(["Ada"]);
      await deps.eraser.eraseEvent(idOf("evt", ["a"]));
      await deps.settle();
      expect(await named()).toEqual([null]);
      expect(await known()).toEqual([["gate-1", "7", null, -1]]);
    });

    it("and has the name of the latest passing with one, in any order of arrival", async () => {
      const names = ["Ada", "Ada L.", "Ada", null, "A. Lovelace", null];
      // Each is a passing of a minute; the days begin in between.
      const minutes = [-24 * 60, 1, 2, 3, 4, 5];
      deps.setClock(noon + day);
      for (const [n, order] of [
        [0, 1, 2, 3, 4, 5],
        [5, 4, 3, 2, 1, 0],
        [2, 0, 4, 1, 5, 3],
        [4, 2, 0, 1, 3, 5],
        [0, 2, 5, 1, 3, 4],
      ].entries()) {
        const id = `${n}`;
        const of = async () => (await deps.passings.known(["gate-1"])).find(({ key }) => key === id)?.name;
        const put1 = async (at: number) => {
          const name = names[at] ?? null;
          const person = { id, type: "employee" as const, ...(name && { name }) };
          const time = noon + (minutes[at] ?? 0) * minuteMs;
          await put(`${id} ${at}`, { time, receivedAt: noon + day, person });
          await deps.settle();
        };
        const stored: number[] = [];
        for (const at of order) {
          await put1(at);
          stored.push(at);
          const latest = stored.toSorted((a, b) => b - a).find((one) => names[one] !== null);
          expect(await of(), `${order}: ${stored}`).toBe(latest === undefined ? null : names[latest]);
        }
        await deps.eraser.eraseEvent(idOf("evt", [`${id} 4`]));
        await deps.settle();
        expect(await of()).toBe("Ada");
        expect(await deps.passings.named([{ key: id, boxes: all.boxes }])).toEqual(["Ada"]);
      }
    });

    it("and has the name of the event with the higher id, of two of the same ms", async () => {
      const named = ["Ada", "Bo"].map((name) => ({ name, event: idOf("evt", [name]) }));
      const last = named.toSorted((a, b) => (a.event < b.event ? 1 : -1))[0]?.name;
      for (const [id, order] of [
        ["7", named],
        ["8", named.toReversed()],
      ] as const) {
        for (const { name } of order) {
          await put(name, { person: { id, name, type: "employee" } }, { box: `gate-${id}` });
          await deps.settle();
        }
        expect((await deps.passings.known([`gate-${id}`])).map(({ name }) => name)).toEqual([last]);
        for (const { event } of named) await deps.eraser.eraseEvent(event);
      }
    });

    it("and has the name of an earlier passing after people were switched off", async () => {
      const person = { id: "7", type: "employee" } as const;
      await put("a", { time: noon - 2 * day, person: { ...person, name: "Ada" } });
      await put("b", { time: noon - day, person });
      await deps.settle();
      for (const isOn of [false, true]) await deps.settings.set({ isOn, hoursDays: null });
      await deps.passings.forget(all.boxes);
      await put("c", { person });
      expect(await known()).toEqual([["gate-1", "7", "Ada", 0]]);
    });

    it("and has a name that only the second report of a passing tells", async () => {
      const person = { id: "7", type: "employee" } as const;
      await put("a", { kind: "realtime", person });
      expect(await known()).toEqual([["gate-1", "7", null, 0]]);
      await put("a", { person: { ...person, name: "Ada" } });
      expect(await known()).toEqual([["gate-1", "7", "Ada", 0]]);
      const later = { time: noon + minuteMs, receivedAt: noon + day };
      deps.setClock(noon + day);
      await put("b", { ...later, kind: "realtime", person: { ...person, name: "Ada L." } });
      expect(await known()).toEqual([["gate-1", "7", "Ada L.", 0]]);
      await put("b", { ...later, person: { ...person, name: "A. Lovelace" } });
      expect(await known()).toEqual([["gate-1", "7", "A. Lovelace", 0]]);
      await put("b", { ...later, kind: "pass-record", person: { ...person, name: "Ada L." } });
      const [{ person: shown } = { person: null }] = await read({ from: noon + minuteMs });
      expect(await known()).toEqual([["gate-1", "7", shown?.name, 0]]);
    });

    it("and forgets a person with the last event", async () => {
      await put("a", { time: noon - 3 * day, person: { id: "7", type: "employee" } });
      await put("b", { time: noon - day, person: { id: "7", type: "employee" } });
      await put("c", { person: { id: "8", type: "employee" } });
      expect((await known()).map(([, key]) => key)).toEqual(["7", "8"]);
      await deps.eraser.eraseEvent(idOf("evt", ["b"]));
      expect((await known()).map(([, key, , last]) => [key, last])).toEqual([
        ["7", -3],
        ["8", 0],
      ]);
      await deps.eraser.eraseEvent(idOf("evt", ["a"]));
      expect((await known()).map(([, key]) => key)).toEqual(["8"]);
      await erasePerson(deps.eraser, "8", null);
      expect(await known()).toEqual([]);
    });

    it("and knows a stranger who is a person by a better report", async () => {
      await put("a", { kind: "realtime", person: { id: "7", type: "stranger" } });
      expect(await known()).toEqual([]);
      await put("a", { person: { id: "7", type: "employee" } });
      expect((await known()).map(([, key]) => key)).toEqual(["7"]);
    });
  });
}
