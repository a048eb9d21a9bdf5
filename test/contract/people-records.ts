import { BoxStore, newRecord } from "@gatepost/core/boxes";
import {
  ClosedMonths,
  HoursCorrections,
  HoursMails,
  LastDays,
  newestCorrection,
  Rosters,
  type Schedule,
  Schedules,
} from "@gatepost/core/hours";
import { listOfPeople, PeopleSettings } from "@gatepost/core/people";
import { personRecordsIn } from "@gatepost/core/person-records";
import { Departures } from "@gatepost/core/presence";
import { Rolls } from "@gatepost/core/rolls";
import { EnrolledNames } from "@gatepost/core/terminals";
import { dayMs } from "@gatepost/protocol";
import type { Change } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ToldNews } from "../support/told.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

/** The records about people, presence and hours, on any driver of the record store. */
export function peopleRecordsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the records of people:`, () => {
    let opened: OpenedItems;
    let departures: Departures;
    let schedules: Schedules;
    let corrections: HoursCorrections;
    let months: ClosedMonths;
    let mails: HoursMails;
    let lastDays: LastDays;
    let rosters: Rosters;
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      departures = new Departures(opened.items);
      schedules = new Schedules(opened.items);
      corrections = new HoursCorrections(opened.items);
      months = new ClosedMonths(opened.items);
      mails = new HoursMails(opened.items);
      lastDays = new LastDays(opened.items);
      rosters = new Rosters(opened.items);
    });
    afterEach(() => opened.close());

    const boxes = ["gate-1"];
    const person = { site: "hq", library: "gate-1", boxes, key: "7", by: "acc_1", madeAt: noon };
    const departure = { ...person, leftAt: noon - 1000, reason: "Left by car" };
    const correction = {
      ...person,
      day: "2026-11-18",
      kind: "times" as const,
      in: noon,
      out: null,
      leave: [noon, noon + 3_600_000] as const,
      reason: "Was at the dock",
      was: { in: null, out: noon },
    };
    const lastDay = { ...person, leftOn: "2026-11-18" };
    const november = { site: "hq", month: "2026-11", shown: "gate-1" };
    const planned = {
      library: "gate-1",
      key: "7",
      id: " 7",
      boxes,
      days: { "2026-11-18": "sch_night", "2026-11-19": null },
    };
    const writing = { ...november, rev: 0, now: noon, keptDays: 30 };
    const schedule: Schedule = {
      id: "sch_night",
      name: "Night",
      groups: ["night"],
      start: "22:00",
      end: "06:00",
      lateAfter: 10,
      earlyBefore: 0,
      weekdays: [1, 7],
      inWindow: ["18:00", "02:00"],
      outWindow: ["02:00", "12:00"],
      openDays: "end",
      night: { from: "22:00", to: "06:00" },
      breaks: [
        { from: "02:00", to: "02:30" },
        { minutes: 15, after: 540 },
      ],
      validFrom: "2026-11-01",
    };
    const passed = { event: "evt_1", box: "gate-1", device: "dev_1", at: noon, direction: null };
    const closed = {
      library: "gate-1",
      key: "7",
      id: "7 ",
      name: null,
      type: "employee" as const,
      group: "Office",
      boxes: ["gate-1", "gate-2"],
      days: [
        {
          day: "2026-10-01",
          in: noon,
          out: null,
          inEvent: "evt_1",
          outEvent: null,
          minutes: null,
          break: 0,
          nightMinutes: 0,
          leaveFrom: noon,
          leaveTo: null,
          late: 1,
          early: 0,
          state: "open" as const,
          isCorrected: false,
          flags: ["clock"],
          schedule: null,
          passings: [
            { ...passed, use: "first-in" as const, by: "order" as const },
            { ...passed, event: "evt_2", device: null, direction: "in" as const, use: null, by: null },
          ],
        },
      ],
    };

    const october = { site: "hq", month: "2026-10", by: "acc_1", at: noon, act: "cls_1" };
    const peopleOfOctober = async () =>
      months.people((await months.get("hq", "2026-10")) ?? { site: "hq", closing: "none" });

    it("departures of a site, in the order of their times", async () => {
      const later = await departures.add(departure);
      const earlier = await departures.add({ ...departure, leftAt: noon - 5000 });
      await departures.add({ ...departure, site: "depot" });
      await expect.poll(() => departures.of("hq")).toEqual([earlier, later]);
      expect(await departures.get(later.id)).toEqual(later);
      expect([await departures.remove(later.id), await departures.remove(later.id)]).toEqual([true, false]);
      expect(await departures.get("cor_1")).toBeNull();
    });

    it.each(["Hall #2", "Hall #", "Hall ##"])("all of a site with the name %s", async (site) => {
      const left = await departures.add({ ...departure, site });
      await schedules.put(site, schedule);
      const corrected = await corrections.add({ ...correction, site }, 90);
      await expect.poll(() => departures.of(site)).toEqual([left]);
      await expect.poll(() => schedules.of(site)).toEqual([schedule]);
      await expect
        .poll(() => corrections.of(site, { from: correction.day, to: correction.day }))
        .toEqual([expect.objectContaining({ id: corrected.id })]);
    });

    it("versions of schedules, of which one replaces itself", async () => {
      const next = { ...schedule, start: "21:00", validFrom: "2026-11-15" };
      await schedules.put("hq", schedule);
      await schedules.put("hq", next);
      await schedules.put("hq", { ...schedule, name: "Nights" });
      await expect.poll(() => schedules.of("hq")).toEqual([{ ...schedule, name: "Nights" }, next]);
      await expect(schedules.put("depot", schedule)).rejects.toThrow("another site");
      expect(await schedules.remove("hq", "sch_night", "2026-11-15")).toBe(true);
      expect(await schedules.remove("hq", "sch_night", "2026-11-15")).toBe(false);
      expect(await schedules.remove("hq", "sch_night", null)).toBe(true);
      await expect.poll(() => schedules.of("hq")).toEqual([]);
    });

    it("the mail of a site, which one process at a time takes for a day", async () => {
      const mail = {
        site: "hq",
        to: ["acc_1"],
        at: "08:00",
        what: "yesterday" as const,
        namesOpen: true,
        doneOn: "2026-11-17",
      };
      await mails.put(mail);
      await expect.poll(() => mails.all()).toEqual([mail]);
      const claim = { day: "2026-11-18", now: noon, until: noon + 1000 };
      const claims = await Promise.all([mails.claim("hq", claim), mails.claim("hq", claim)]);
      expect(claims.toSorted()).toEqual([false, true]);
      expect(await mails.claim("hq", { ...claim, now: noon + 1000, until: noon + 2000 })).toBe(true);
      await mails.done("hq", "2026-11-18");
      expect(await mails.claim("hq", { ...claim, now: noon + 5000 })).toBe(false);
      expect(await mails.put({ ...mail, at: "09:00" })).toEqual({ ...mail, at: "09:00", doneOn: "2026-11-18" });
      expect(await mails.claim("depot", claim)).toBe(false);
      expect([await mails.remove("hq"), await mails.remove("hq"), await mails.get("hq")]).toEqual([true, false, null]);
    });

    it("corrections of days, of which the newest counts", async () => {
      const first = await corrections.add(correction, 30);
      const second = await corrections.add({ ...correction, madeAt: noon + 1, kind: "leave", in: null }, 30);
      await corrections.add({ ...correction, day: "2026-11-19" }, 30);
      const ofDay = () => corrections.of("hq", { from: "2026-11-18", to: "2026-11-18" });
      await expect.poll(ofDay).toEqual([first, second]);
      expect(newestCorrection(await ofDay())).toMatchObject({ kind: "leave", in: null, out: null });
      const back = await corrections.add({ ...correction, madeAt: noon + 2, kind: "counted", in: null }, 30);
      expect(newestCorrection([back, first, second])).toBeNull();
      expect(await corrections.get(first.id)).toEqual(first);
    });

    it("the last day of a person of a library, of which the newest counts", async () => {
      await lastDays.set({ ...lastDay, leftOn: "2026-11-20" }, 30);
      await lastDays.set(lastDay, 30);
      await lastDays.set({ ...lastDay, site: "depot", library: "gate-2" }, 30);
      await expect.poll(() => lastDays.of("hq")).toEqual([lastDay]);
      expect(await lastDays.of("hq", [person])).toEqual([lastDay]);
      expect(await lastDays.of("depot", [person])).toEqual([]);
      await lastDays.remove(person);
      await lastDays.remove(person);
      await expect.poll(() => lastDays.of("hq")).toEqual([]);
      expect(await lastDays.of("depot", [person, { ...person, library: "gate-2" }])).toHaveLength(1);
    });

    it("the roster of a month, with a record for each person", async () => {
      const other = { ...planned, key: "8", id: "8" };
      expect([await rosters.rev(november, noon), await rosters.of(november)]).toEqual([0, []]);
      expect(await rosters.write(writing, [planned, other])).toBe("written");
      expect(await rosters.write({ ...writing, site: "depot" }, [planned])).toBe("written");
      const ids = async () => (await rosters.of(november)).map(({ id }) => id).sort();
      await expect.poll(ids).toEqual([" 7", "8"]);
      expect(await rosters.of(november, [planned, { library: "gate-2", key: "7" }])).toEqual([planned]);
      expect(await rosters.of({ ...november, month: "2026-12" }, [planned])).toEqual([]);
      expect(await rosters.write({ ...writing, rev: 1 }, [{ ...other, days: {} }])).toBe("written");
      await expect.poll(ids).toEqual([" 7"]);
      expect([await rosters.rev(november, noon), await rosters.rev({ ...november, site: "depot" }, noon)]).toEqual([
        2, 1,
      ]);
    });

    it("another version of a roster in another view, also of two who read it at once", async () => {
      const moved = { ...november, shown: "gate-1 gate-2" };
      expect(await rosters.rev(moved, noon)).toBe(0);
      await rosters.write(writing, [planned]);
      expect(await rosters.write({ ...writing, ...moved, rev: 1 }, [])).toBe("changed");
      expect(await Promise.all([1, 2, 3].map(() => rosters.rev(moved, noon)))).toEqual([2, 2, 2]);
      expect(await rosters.write({ ...writing, rev: 2 }, [])).toBe("changed");
      expect([await rosters.rev(november, noon), await rosters.rev(november, noon)]).toEqual([3, 3]);
      expect(await rosters.write({ ...writing, rev: 3 }, [])).toBe("written");
    });

    it("one of two rosters that are written at once, whole", async () => {
      const people = (schedule: string) =>
        Array.from({ length: 9 }, (_, n) => ({
          ...planned,
          key: `${n}`,
          id: `${n}`,
          days: { "2026-11-18": schedule },
        }));
      const [one, two] = await Promise.all(["sch_a", "sch_b"].map((id) => rosters.write(writing, people(id))));
      expect(["busy,written", "changed,written"]).toContain(`${[one, two].toSorted()}`);
      const kept = people(one === "written" ? "sch_a" : "sch_b").map(({ days }) => days);
      await expect.poll(async () => (await rosters.of(november)).map(({ days }) => days)).toEqual(kept);
      for (const rev of [0, 2]) expect(await rosters.write({ ...writing, rev }, [])).toBe("changed");
      expect(await rosters.rev(november, noon)).toBe(1);
    });

    it("a roster whose writer was killed, which others write after a minute", async () => {
      const write = async (change: Change) => {
        if (change.pk.startsWith("roster ")) throw new Error("killed");
        return opened.items.write(change);
      };
      const dying = new Rosters(Object.assign(Object.create(opened.items), { write }));
      await expect(dying.write(writing, [planned])).rejects.toThrow("killed");
      const late = { ...writing, now: noon + 60_000 };
      expect(await rosters.rev(november, noon + 59_999)).toBe(0);
      expect(await rosters.write({ ...writing, now: noon + 59_999 }, [planned])).toBe("busy");
      expect(await rosters.rev(november, late.now)).toBe(1);
      expect(await rosters.write(late, [planned])).toBe("changed");
      expect(await rosters.write({ ...late, rev: 1 }, [planned])).toBe("written");
      expect([await rosters.rev(november, late.now), await rosters.of(november, [planned])]).toEqual([2, [planned]]);
    });

    it("a roster whose writer was killed, which others write at once if no other process writes to the store", async () => {
      const write = async (change: Change) => {
        if (change.pk.startsWith("roster ")) throw new Error("killed");
        return opened.items.write(change);
      };
      const dying = Object.assign(Object.create(opened.items), { write });
      const alone = new Rosters(opened.items, { isAlone: true });
      await expect(new Rosters(dying).write(writing, [planned])).rejects.toThrow("killed");
      expect(await rosters.rev(november, noon)).toBe(0);
      expect(await alone.rev(november, noon)).toBe(1);
      expect(await alone.write(writing, [planned])).toBe("changed");
      const [one, two] = await Promise.all([1, 1].map((rev) => alone.write({ ...writing, rev }, [planned])));
      expect(["busy,written", "changed,written"]).toContain(`${[one, two].toSorted()}`);
      expect([await alone.rev(november, noon), await alone.of(november, [planned])]).toEqual([2, [planned]]);
    });

    it("a roster whose writer failed, which others write at once if no other process writes to the store", async () => {
      const alone = new Rosters(opened.items, { isAlone: true });
      const { write } = opened.items;
      const failing = vi.spyOn(opened.items, "write").mockImplementation(async (change) => {
        if (change.pk.startsWith("roster ")) throw new Error("disk full");
        return write.call(opened.items, change);
      });
      const failed = alone.write(writing, [planned, { ...planned, key: "8" }]);
      await expect(failed).rejects.toThrow("disk full");
      failing.mockRestore();
      expect(await alone.rev(november, noon)).toBe(1);
      expect(await alone.write({ ...writing, rev: 1 }, [planned])).toBe("written");
      expect(await alone.of(november, [planned])).toEqual([planned]);
    });

    it("closed months, each closed once", async () => {
      expect(await months.get("hq", "2026-10")).toBeNull();
      expect(await months.close({ ...october, keptDays: 90 }, [closed])).toBe(true);
      const later = [
        { ...closed, days: [] },
        { ...closed, key: "9" },
      ];
      expect(await months.close({ ...october, keptDays: 90, by: "acc_2", act: "cls_2" }, later)).toBe(false);
      expect(await months.get("hq", "2026-10")).toMatchObject({ by: "acc_1", at: noon, act: "cls_1", people: 1 });
      await expect.poll(peopleOfOctober).toEqual([closed]);
    });

    it("the rows of an id in one closed month alone", async () => {
      const ofBox2 = { ...closed, library: "gate-2" };
      await months.close({ ...october, keptDays: 90 }, [closed, { ...closed, key: "8", id: "8" }, ofBox2]);
      await months.close({ ...october, site: "depot", keptDays: 90 }, [closed]);
      await months.close({ ...october, month: "2026-09", keptDays: 90 }, [closed]);
      const facts = (await months.get("hq", "2026-10")) ?? { site: "hq", closing: "none" };
      const rows = async () =>
        (await months.people(facts, closed.key)).map(({ library, id }) => `${library} ${id}`).sort();
      await expect.poll(rows).toEqual([`${closed.library} ${closed.id}`, `gate-2 ${closed.id}`]);
      expect(await months.people(facts, "nobody")).toEqual([]);
    });

    it("days of a closed month by one of two closings at once", async () => {
      const other = { ...closed, id: "other" };
      const [one, two] = await Promise.all([
        months.close({ ...october, keptDays: 90 }, [closed]),
        months.close({ ...october, keptDays: 90 }, [other]),
      ]);
      expect([one, two].toSorted()).toEqual([false, true]);
      await expect.poll(peopleOfOctober).toEqual([one ? closed : other]);
      const kept = async () => {
        const found: string[] = [];
        for await (const { pk } of opened.items.entries({ lists: [listOfPeople], order: "ascending" })) found.push(pk);
        return found.filter((pk) => pk.startsWith("closed-days ")).length;
      };
      await expect.poll(kept).toBe(1);
    });

    it("days of hours for as long as it is set, also stored ones", async () => {
      const { id } = await corrections.add(correction, 30);
      await months.close({ ...october, keptDays: 30 }, [closed]);
      await expect.poll(async () => (await peopleOfOctober()).length).toBe(1);
      await lastDays.set(lastDay, 30);
      await expect.poll(async () => (await lastDays.of("hq")).length).toBe(1);
      await rosters.write(writing, [planned]);
      await expect.poll(async () => (await rosters.of(november)).length).toBe(1);
      await rosters.keepFor(100);
      await corrections.keepFor(100);
      await months.keepFor(100);
      await lastDays.keepFor(100);
      opened.setClock(Date.UTC(2026, 10, 18) + 100 * dayMs);
      expect(await corrections.get(id)).toMatchObject({ id });
      opened.setClock(Date.UTC(2026, 10, 18) + 102 * dayMs);
      expect([await corrections.get(id), await months.get("hq", "2026-10")]).toEqual([null, null]);
      expect(await peopleOfOctober()).toEqual([]);
      opened.setClock(Date.UTC(2026, 10, 30) + 100 * dayMs);
      expect([await rosters.rev(november, noon), await rosters.of(november, [planned])]).toEqual([1, [planned]]);
      opened.setClock(Date.UTC(2026, 10, 30) + 102 * dayMs);
      expect([await rosters.rev(november, noon), await rosters.of(november, [planned])]).toEqual([0, []]);
      opened.setClock(Date.UTC(2026, 10, 18) + 467 * dayMs);
      expect(await lastDays.of("hq", [person])).toEqual([lastDay]);
      opened.setClock(Date.UTC(2026, 10, 18) + 468 * dayMs);
      expect(await lastDays.of("hq", [person])).toEqual([]);
    });

    it("whether people are on, and nothing of them after they are switched off", async () => {
      const settings = new PeopleSettings(opened.items);
      expect(await settings.read()).toEqual({ isOn: true, hoursDays: null });
      await settings.set({ isOn: false, hoursDays: 400 });
      expect(await settings.read()).toEqual({ isOn: false, hoursDays: 400 });
      const left = await departures.add(departure);
      const { id } = await corrections.add(correction, 30);
      await lastDays.set(lastDay, 30);
      await months.close({ ...october, keptDays: 90 }, [closed]);
      await schedules.put("hq", schedule);
      await rosters.write(writing, [planned]);
      await expect.poll(async () => (await departures.of("hq")).length).toBe(1);
      await expect.poll(async () => (await peopleOfOctober()).length).toBe(1);
      const isGone = async () => {
        await settings.forget();
        const gone = [await departures.get(left.id), await corrections.get(id), await months.get("hq", "2026-10")];
        return [...gone, await rosters.of(november, [planned])];
      };
      await expect.poll(isGone).toEqual([null, null, null, []]);
      // Who read it before would write the person again.
      expect(await rosters.write({ ...writing, rev: 1 }, [planned])).toBe("changed");
      await expect.poll(() => lastDays.of("hq")).toEqual([]);
      expect(await peopleOfOctober()).toEqual([]);
      await expect.poll(() => schedules.of("hq")).toEqual([schedule]);
    });

    it("nothing of an erased person", async () => {
      await departures.add(departure);
      await corrections.add(correction, 30);
      await lastDays.set(lastDay, 30);
      await months.close({ ...october, keptDays: 90 }, [closed]);
      const other = await departures.add({ ...departure, key: "8" });
      const elsewhere = await departures.add({ ...departure, library: "gate-2" });
      const days = { from: "2026-11-01", to: "2026-11-30" };
      const others = { ...planned, library: "gate-2" };
      await rosters.write(writing, [planned, others]);
      await expect.poll(async () => (await departures.of("hq")).length).toBe(3);
      await expect.poll(async () => (await corrections.of("hq", days)).length).toBe(1);
      await expect.poll(async () => (await rosters.of(november)).length).toBe(2);
      await expect.poll(async () => (await peopleOfOctober()).length).toBe(1);
      await personRecordsIn(opened.items).erase({ person: " 7", box: "gate-1" });
      await expect
        .poll(async () => (await departures.of("hq")).map(({ id }) => id).sort())
        .toEqual([other.id, elsewhere.id].sort());
      expect(await corrections.of("hq", days)).toEqual([]);
      expect(await rosters.of(november, [planned, others])).toEqual([others]);
      // Who read it before would write the person again.
      expect(await rosters.write({ ...writing, rev: 1 }, [planned])).toBe("changed");
      expect(await rosters.rev(november, noon)).toBe(2);
      expect(await lastDays.of("hq", [person])).toEqual([]);
      expect(await peopleOfOctober()).toEqual([]);
      await personRecordsIn(opened.items).erase({ person: "7", box: null });
      await expect.poll(async () => (await departures.of("hq")).map(({ id }) => id)).toEqual([other.id]);
    });

    it("the records of an erased person at sites of other boxes", async () => {
      const atPlant = { site: "plant", library: "~plant", boxes: ["gate-8"] };
      await new BoxStore(opened).put({ record: { ...newRecord("gate-9"), site: "plant" }, rev: 0 });
      const left = await departures.add({ ...departure, ...atPlant });
      const corrected = await corrections.add({ ...correction, ...atPlant }, 30);
      await lastDays.set({ ...lastDay, ...atPlant }, 30);
      await months.close({ ...october, site: "plant", keptDays: 90 }, [{ ...closed, ...atPlant }]);
      await rosters.write({ ...writing, site: "plant" }, [{ ...planned, library: "~plant", boxes: ["gate-8"] }]);
      const facts = { since: noon, event: "evt_1", device: null, box: "gate-8" };
      const listed = {
        ...facts,
        library: "~plant",
        key: "7",
        id: "7",
        name: null,
        type: "vip" as const,
        group: null,
        pictures: [],
      };
      const begun = { site: "plant", isDrill: false, at: noon, by: { id: "acc_1", name: null } };
      const list = await new Rolls(opened.items, new ToldNews()).begin(begun, [listed]);
      const records = () => personRecordsIn(opened.items).of(" 7");
      const kept = [
        { what: "list", id: list.id, site: "plant", boxes: ["gate-8", "gate-9"] },
        { what: "departure", id: left.id, site: "plant", boxes: ["gate-8", "gate-9"] },
        { what: "correction", id: corrected.id, site: "plant", boxes: ["gate-8", "gate-9"] },
        { what: "last-day", id: "2026-11-18", site: "plant", boxes: ["gate-8", "gate-9"] },
        { what: "roster", id: "2026-11", site: "plant", boxes: ["gate-8", "gate-9"] },
        { what: "month", id: "2026-10", site: "plant", boxes: ["gate-8", "gate-9"] },
      ];
      await expect.poll(records).toEqual(kept);
      await personRecordsIn(opened.items).erase({ person: "7", box: "gate-1" });
      expect(await records()).toEqual(kept);
      await personRecordsIn(opened.items).erase({ person: "7", box: "gate-8" });
      await expect.poll(records).toEqual([]);
      await departures.add({ ...departure, ...atPlant });
      await expect.poll(async () => (await records()).length).toBe(1);
      await personRecordsIn(opened.items).erase({ person: "7", box: "gate-9" });
      await expect.poll(records).toEqual([]);
    });

    it("names of people at terminals, which expire unless they pass, and can be erased", async () => {
      let now = noon;
      const lifetime = 30 * dayMs;
      const clock = () => now;
      const namesAt = () => new EnrolledNames({ items: opened.items, lifetime: () => lifetime, clock });
      const put = (box: string, terminal: string, name: string) =>
        namesAt().put(box, { terminal, person: "0042", name });
      await put("gate-1", "SN1", "Wang");
      await put("gate-1", "SN1", "Wang Fang");
      await put("gate-1", "SN2", "Silva");
      await put("gate-2", "SN1", "Okafor");
      const found = (box = "gate-1") =>
        Promise.all(["SN1", "SN2", "SN3"].map((terminal) => namesAt().of(box, terminal, "0042")));
      expect(await found()).toEqual(["Wang Fang", "Silva", null]);
      for (const days of [20, 20]) {
        now += days * dayMs;
        opened.setClock(now);
        expect(await namesAt().of("gate-1", "SN1", "0042")).toBe("Wang Fang");
      }
      expect(await found()).toEqual(["Wang Fang", null, null]);
      await put("gate-2", "SN1", "Okafor");
      await expect
        .poll(async () => {
          await personRecordsIn(opened.items).erase({ person: "0042", box: "gate-1" });
          return found();
        })
        .toEqual([null, null, null]);
      expect(await found("gate-2")).toEqual(["Okafor", null, null]);
    });

    it("a name that is erased while a passing uses it is not kept again", async () => {
      const names = (items: Pick<typeof opened.items, "getAll" | "write">, time: number) =>
        new EnrolledNames({ items, lifetime: () => 30 * dayMs, clock: () => time });
      const said = { terminal: "SN1", person: "0042", name: "Wang" };
      await names(opened.items, noon).put("gate-1", said);
      const later = noon + 20 * dayMs;
      opened.setClock(later);
      const getAll = (pks: readonly string[]) => opened.items.getAll(pks);
      const write = async (change: Change) => {
        await opened.items.remove(change.pk);
        return opened.items.write(change);
      };
      expect(await names({ getAll, write }, later).of("gate-1", "SN1", "0042")).toBe("Wang");
      expect(await names(opened.items, later).of("gate-1", "SN1", "0042")).toBeNull();
    });
  });
}
