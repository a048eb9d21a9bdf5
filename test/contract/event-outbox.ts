import type { EventIndex, EventOutbox, EventReader } from "@gatepost/core/events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon, report, upsert } from "./samples.ts";

export interface EventOutboxUnderTest {
  index: EventIndex;
  reader: EventReader;
  eventOutbox: EventOutbox;
  setClock(now: number): void;
  close(): Promise<void>;
}

const minute = 60_000;

/** What every outbox of events promises. */
export function eventOutboxContract(name: string, open: () => Promise<EventOutboxUnderTest>): void {
  describe(`${name} keeps the promises of an outbox of events:`, () => {
    let deps: EventOutboxUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const make = async (event: string, overrides = {}) => {
      const entry = upsert(event, { isAwaited: true, ...overrides });
      await deps.index.upsert(entry);
      return entry.eventId;
    };
    const lease = async (at: number, limit = 100) => {
      deps.setClock(at);
      const taken = await deps.eventOutbox.lease({ before: at - minute, until: at + minute, limit });
      return taken.map(({ id }) => id);
    };

    it("leases an event that waits for long enough, with its latest reports", async () => {
      const id = await make("a");
      await deps.index.upsert(upsert("a", { report: report({ kind: "realtime" }) }));
      expect(await lease(noon + minute - 1)).toEqual([]);
      deps.setClock(noon + minute);
      const [taken] = await deps.eventOutbox.lease({ before: noon, until: noon + 2 * minute, limit: 100 });
      expect(taken).toEqual(await deps.reader.get(id));
      expect(taken?.reports).toHaveLength(2);
    });

    it("contains only events for the bus, from the write that makes them", async () => {
      await make("quiet", { isAwaited: false });
      await make("quiet");
      await make("quiet", { report: report({ kind: "realtime" }) });
      expect(await lease(noon + minute)).toEqual([]);
    });

    it("gives each event to exactly one of many that sweep at once", async () => {
      for (let i = 0; i < 30; i++) await make(`race ${i}`);
      const sweeps = await Promise.all(Array.from({ length: 8 }, () => lease(noon + 2 * minute)));
      expect(sweeps.flat()).toHaveLength(30);
      expect(new Set(sweeps.flat()).size).toBe(30);
    });

    it("contains no announced event, leased or not", async () => {
      const [early, late] = [await make("early"), await make("late")];
      await deps.eventOutbox.markAnnounced(early);
      await deps.eventOutbox.markAnnounced(early);
      await deps.eventOutbox.markAnnounced(upsert("unknown").eventId);
      expect(await lease(noon + minute)).toEqual([late]);
      await deps.eventOutbox.markAnnounced(late);
      expect(await lease(noon + day)).toEqual([]);
      expect(await deps.reader.get(upsert("unknown").eventId)).toBeNull();
    });

    it("changes nothing else of an event that it notes as announced", async () => {
      const id = await make("a");
      const before = await deps.reader.get(id);
      await deps.eventOutbox.markAnnounced(id);
      expect(await deps.reader.get(id)).toEqual(before);
    });

    it("leases an event again that a sweep did not announce in time", async () => {
      const id = await make("a");
      expect(await lease(noon + minute)).toEqual([id]);
      expect(await lease(noon + 2 * minute - 1)).toEqual([]);
      expect(await lease(noon + 2 * minute)).toEqual([id]);
    });

    it("takes no more than asked for", async () => {
      for (let i = 0; i < 5; i++) await make(`many ${i}`);
      expect(await lease(noon + minute, 3)).toHaveLength(3);
      expect(await lease(noon + minute, 3)).toHaveLength(2);
    });

    it("forgets an expired event, and contains a new one in its place", async () => {
      await make("a", { expiresAt: noon + day });
      expect(await lease(noon + day)).toEqual([]);
      const id = await make("a", { now: noon + 2 * day, expiresAt: noon + 9 * day });
      expect(await lease(noon + 2 * day)).toEqual([]);
      expect(await lease(noon + 2 * day + minute)).toEqual([id]);
    });
  });
}
