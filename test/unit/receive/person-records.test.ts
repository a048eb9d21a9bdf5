import { BoxStore, newRecord } from "@gatepost/core/boxes";
import { ClosedMonths, HoursCorrections, LastDays } from "@gatepost/core/hours";
import { personRecordsIn } from "@gatepost/core/person-records";
import { Departures } from "@gatepost/core/presence";
import { Rolls } from "@gatepost/core/rolls";
import { all, MemoryItems } from "@gatepost/store";
import { expect, it } from "vitest";
import { ToldNews } from "../../support/told.ts";

const noon = Date.UTC(2026, 10, 18, 12);
const day = "2026-10-05";

it("names the records of a person, and erases them at their boxes alone", async () => {
  const items = new MemoryItems({ clock: () => noon });
  await new BoxStore({ items, clock: () => noon }).put({ record: { ...newRecord("gate-1"), site: "hq" }, rev: 0 });
  const known = { site: "hq", library: "~hq", boxes: ["moved"], key: "7" };
  const made = { by: "acc_1", madeAt: noon };
  const departures = new Departures(items);
  const left = await departures.add({ ...known, ...made, leftAt: noon, reason: "Left by car" });
  const broken = await departures.add({ ...known, ...made, leftAt: noon + 1, reason: "Left by car" });
  await items.write({ pk: broken.id, set: { boxes: "{", site: 7 }, when: all() });
  const wish = { day, kind: "leave" as const, in: null, out: null, reason: "Ill", was: { in: null, out: null } };
  const ofOwnBox = { ...known, ...made, library: "gate-9", boxes: ["gate-9"] };
  const corrected = await new HoursCorrections(items).add({ ...ofOwnBox, ...wish }, 90);
  await new LastDays(items).set({ ...known, ...made, leftOn: "2026-10-09" }, 90);
  const person = { ...known, id: "7", name: null, type: "vip" as const };
  const rest = { state: "rest" as const, isCorrected: false, flags: [], schedule: null };
  const apart = { nightMinutes: 0, leaveFrom: null, leaveTo: null };
  const times = {
    in: null,
    out: null,
    inEvent: null,
    outEvent: null,
    minutes: null,
    break: 0,
    ...apart,
    late: 0,
    early: 0,
  };
  const october = { site: "hq", month: "2026-10", by: "acc_1", at: noon, act: "cls_1", keptDays: 90 };
  await new ClosedMonths(items).close(october, [{ ...person, group: null, days: [{ day, ...times, ...rest }] }]);
  const passing = { since: noon, event: "evt_1", device: null, box: "gate-1" };
  const begun = { site: "hq", isDrill: false, at: noon, by: { id: "acc_1", name: null } };
  const list = await new Rolls(items, new ToldNews()).begin(begun, [
    { ...person, ...passing, group: null, pictures: [] },
  ]);

  const ofSite = { site: "hq", boxes: ["gate-1", "moved"] };
  const ofBox = { what: "correction", id: corrected.id, site: "hq", boxes: ["gate-9"] };
  expect(await personRecordsIn(items).of(" 7")).toEqual([
    { what: "list", id: list.id, site: "hq", boxes: ["gate-1"] },
    { what: "departure", id: left.id, ...ofSite },
    { what: "departure", id: broken.id, site: "hq", boxes: ["gate-1"] },
    ofBox,
    { what: "last-day", id: "2026-10-09", ...ofSite },
    { what: "month", id: "2026-10", ...ofSite },
  ]);
  await personRecordsIn(items).erase({ person: "7", box: "gate-1" });
  expect(await personRecordsIn(items).of("7")).toEqual([ofBox]);
  await personRecordsIn(items).erase({ person: "7", box: null });
  expect(await personRecordsIn(items).of("7")).toEqual([]);
});
