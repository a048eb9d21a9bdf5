import { type Seen, seenPage } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

export function limitedQuarantine(quarantine: ApiPorts["quarantine"], seen: Seen): ApiPorts["quarantine"] {
  const get: typeof quarantine.get = async (id) => {
    const record = await quarantine.get(id);
    return record !== null && seen.isSeen(record.box) ? record : null;
  };
  return {
    get,
    isNext: (id) => quarantine.isNext(id),
    async list(of, page, which) {
      const asked = of === null ? seen.boxes : [of].flat().filter(seen.isSeen);
      return seenPage(page, (request) => quarantine.list(asked, request, which), {
        ...seen,
        seenOf: (records) => records.filter(({ box }) => seen.isSeen(box)),
      });
    },
    groups: (of) => quarantine.groups(of === null ? seen.boxes : of.filter(seen.isSeen)),
    // It receives only jobs, and no key sees a job of another key.
    put: (record) => quarantine.put(record),
    async remove(id) {
      if ((await get(id)) !== null) await quarantine.remove(id);
    },
    async listAside(records) {
      return (await quarantine.listAside(records)).filter(({ box }) => seen.isSeen(box));
    },
    async getAside(record) {
      const aside = await quarantine.getAside(record);
      return aside !== null && seen.isSeen(aside.box) ? aside : null;
    },
    // Records are set aside and put back by jobs, and by callers without a limit.
    setAside: (id, how) => quarantine.setAside(id, how),
    putBack: (record) => quarantine.putBack(record),
    // The ids come from events that the key sees.
    countOf: (events) => quarantine.countOf(events),
    async dropped() {
      return Object.fromEntries(Object.entries(await quarantine.dropped()).filter(([box]) => seen.isSeen(box)));
    },
  };
}
