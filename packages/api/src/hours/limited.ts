import type { ClosedPerson } from "@gatepost/core/hours";
import type { Seen } from "../access/seen-boxes.ts";
import { librariesOf } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";
import { isWhole, requireWhole } from "../sites/limited.ts";

export function limitedHours(
  { schedules, lastDays, rosters, closedMonths, hoursMails, sites, boxes }: ApiPorts,
  seen: Seen,
): Pick<ApiPorts, "schedules" | "lastDays" | "rosters" | "closedMonths" | "hoursMails"> {
  const ofWhole = (site: string) => requireWhole(site, seen);
  // A person of a box is its own; one whom boxes share is of the site.
  const ofLibrary = async ({ library, site }: { library: string; site: string }) => {
    if (library.startsWith("~")) await ofWhole(site);
  };
  return {
    schedules: {
      of: (site) => schedules.of(site),
      put: async (site, schedule) => ofWhole(site).then(() => schedules.put(site, schedule)),
      remove: async (site, ...which) => ofWhole(site).then(() => schedules.remove(site, ...which)),
    },
    lastDays: {
      of: (...asked) => lastDays.of(...asked),
      set: async (lastDay, ...kept) => ofLibrary(lastDay).then(() => lastDays.set(lastDay, ...kept)),
      remove: async (person) => ofLibrary(person).then(() => lastDays.remove(person)),
      keepFor: (days) => lastDays.keepFor(days),
    },
    rosters: {
      rev: (...asked) => rosters.rev(...asked),
      // Hours of people whom boxes share are counted by it, wherever they were known; its routes show those who are seen.
      async of(...asked) {
        const [rows, libraries] = await Promise.all([rosters.of(...asked), librariesOf({ sites, boxes })]);
        return rows.filter(({ library }) => libraries.of(library).startsWith("~") || seen.isSeen(library));
      },
      async write(month, people) {
        for (const { library } of people) await ofLibrary({ library, site: month.site });
        return rosters.write(month, people);
      },
      keepFor: (days) => rosters.keepFor(days),
    },
    closedMonths: {
      ...limitedMonths(closedMonths, seen),
      close: async (month, people) => ofWhole(month.site).then(() => closedMonths.close(month, people)),
    },
    hoursMails: {
      all: () => hoursMails.all(),
      get: (site) => hoursMails.get(site),
      put: async (mail) => ofWhole(mail.site).then(() => hoursMails.put(mail)),
      remove: async (site) => ofWhole(site).then(() => hoursMails.remove(site)),
      claim: (...asked) => hoursMails.claim(...asked),
      done: (...asked) => hoursMails.done(...asked),
    },
  };
}

/** Closed months with the people who are known at boxes that are seen; unchanged if all boxes of their site are. */
export function limitedMonths(
  months: ApiPorts["closedMonths"],
  seen: Pick<Seen, "boxesOf" | "isSeen">,
): ApiPorts["closedMonths"] {
  const { isSeen } = seen;
  return {
    get: (...asked) => months.get(...asked),
    async people(month, ofKey) {
      const people = await months.people(month, ofKey);
      if (await isWhole(month.site, seen)) return people;
      return people
        .filter(({ boxes }) => boxes.some(isSeen))
        .map((person) => (person.boxes.every(isSeen) ? person : partOf(person, isSeen)));
    },
    close: (...asked) => months.close(...asked),
    keepFor: (days) => months.keepFor(days),
  };
}

/** What a box that is not seen may have said of the person is left out. The times are those of the whole site. */
function partOf(person: ClosedPerson, isSeen: Seen["isSeen"]): ClosedPerson {
  const days = person.days.map(({ passings, ...day }) => {
    const seen = passings?.filter(({ box }) => isSeen(box));
    const eventOf = (id: string | null) => (seen?.some(({ event }) => event === id) === true ? id : null);
    const events = { inEvent: eventOf(day.inEvent), outEvent: eventOf(day.outEvent) };
    return { ...day, ...events, ...(seen && { passings: seen }) };
  });
  const boxes = person.boxes.filter(isSeen);
  return { ...person, name: null, group: null, type: "unknown", boxes, days, isPart: true };
}
