import { hashToken, type Key, KeyUses, newToken } from "@gatepost/core/keys";
import { KeyMeters } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeysOfTest } from "../support/memory/keys.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const second = 1000;
const dayMs = 24 * 60 * 60 * second;
const log = { info() {}, warn() {}, error() {} };

/** The limits of a key that several processes receive with. */
export function keyLimitsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`limits of a key: ${name}`, () => {
    let opened: OpenedItems;
    let now: number;
    beforeEach(async () => {
      opened = await open();
      setClock(noon);
    });
    afterEach(() => opened.close());

    function setClock(time: number): void {
      now = time;
      opened.setClock(time);
    }

    const process = () => new KeyMeters({ usage: new KeyUses(opened.items), log, clock: () => now });

    async function keyWith(limits: Pick<Key, "rate" | "dailyBytes">): Promise<Key> {
      const { admin } = new KeysOfTest({ ...opened, sites: { boxesOf: async () => [] } });
      return admin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(newToken("ingest")), ...limits });
    }

    /** How many of some requests, each of so many bytes, a process lets in. */
    async function admitted(key: Key, meters: KeyMeters, { requests = 1000, bytes = 0 } = {}): Promise<number> {
      for (let done = 0; done < requests; done += 1) {
        try {
          const meter = await meters.of(key);
          meter?.admit();
          meter?.takeBytes(bytes);
        } catch {
          return done;
        }
      }
      return requests;
    }

    it("let each process deliver what the key may, until they have settled", async () => {
      const key = await keyWith({ rate: { perSecond: 1, burst: 20 } });
      const processes = [process(), process(), process()];
      for (const meters of processes) expect(await admitted(key, meters)).toBe(20);
    });

    it("bound all processes over a minute, but for ten seconds of each", async () => {
      const [perSecond, burst, seconds] = [2, 10, 60];
      const key = await keyWith({ rate: { perSecond, burst } });
      const processes = [process(), process(), process(), process()];
      let total = 0;
      for (let passed = 0; passed <= seconds; passed += 1) {
        setClock(noon + passed * second);
        for (const meters of processes) total += await admitted(key, meters);
      }
      const exact = burst + perSecond * seconds;
      expect(total).toBeGreaterThanOrEqual(exact);
      expect(total).toBeLessThanOrEqual(perSecond * seconds + processes.length * (burst + 10 * perSecond));
    });

    it("are paid back after more was delivered", async () => {
      const key = await keyWith({ rate: { perSecond: 1, burst: 10 } });
      const [one, other] = [process(), process()];
      await admitted(key, one);
      await admitted(key, other);
      setClock(noon + 10 * second);
      // The first to settle does not know the deliveries of the other yet.
      for (const meters of [one, other, one]) await (meters === one ? one : other).settle();
      expect([await admitted(key, one), await admitted(key, other)]).toEqual([0, 0]);
      setClock(noon + 12 * second);
      expect(await admitted(key, one)).toBe(2);
    });

    it("bind a process that begins later", async () => {
      const key = await keyWith({ rate: { perSecond: 0.1, burst: 10 }, dailyBytes: 1000 });
      const first = process();
      expect(await admitted(key, first, { requests: 8, bytes: 100 })).toBe(8);
      await first.settle();
      expect(await admitted(key, process())).toBe(2);
      const later = process();
      setClock(noon + 3600 * second);
      expect(await admitted(key, later, { bytes: 100 })).toBe(2);
    });

    it("count the bytes of all processes in a day", async () => {
      const key = await keyWith({ dailyBytes: 1000 });
      const processes = [process(), process()];
      for (const meters of processes) expect(await admitted(key, meters, { requests: 4, bytes: 100 })).toBe(4);
      for (const meters of [...processes, ...processes]) await meters.settle();
      for (const meters of processes) expect(await admitted(key, meters, { requests: 4, bytes: 201 })).toBe(0);
      setClock(noon + dayMs);
      for (const meters of processes) expect(await admitted(key, meters, { requests: 4, bytes: 201 })).toBe(4);
    });

    it("keep the bytes of a day, also if an idle process settles", async () => {
      const key = await keyWith({ dailyBytes: 1000 });
      const [idle, busy] = [process(), process()];
      await admitted(key, idle, { requests: 1, bytes: 100 });
      setClock(noon + dayMs);
      expect(await admitted(key, busy, { requests: 8, bytes: 100 })).toBe(8);
      await busy.settle();
      expect(await admitted(key, idle, { bytes: 100 })).toBe(2);
    });

    it("lose only the unsettled deliveries of a process that dies", async () => {
      const key = await keyWith({ dailyBytes: 1000 });
      const dying = process();
      await admitted(key, dying, { requests: 5, bytes: 100 });
      setClock(noon + 10 * second);
      // This one settles the five before it.
      await admitted(key, dying, { requests: 1, bytes: 100 });
      expect(await admitted(key, process(), { bytes: 100 })).toBe(5);
    });

    it("give back one burst at most after clock steps", async () => {
      const key = await keyWith({ rate: { perSecond: 1, burst: 3 }, dailyBytes: 1000 });
      const meters = process();
      expect(await admitted(key, meters)).toBe(3);
      setClock(noon - 3600 * second);
      expect(await admitted(key, meters)).toBe(0);
      expect(await admitted(key, process())).toBe(0);
      setClock(noon + second);
      expect(await admitted(key, meters)).toBe(3);
      expect(await admitted(key, meters)).toBe(0);
    });

    it("begin anew if the record of the deliveries is broken", async () => {
      const key = await keyWith({ dailyBytes: 1000 });
      await opened.items.write({ pk: `used ${key.id}`, set: { day: "today", bytes: "many", reports: 1 } });
      const meters = process();
      expect(await admitted(key, meters, { requests: 4, bytes: 100 })).toBe(4);
      await meters.settle();
      expect(await admitted(key, process(), { bytes: 100 })).toBe(6);
    });

    it("are settled beside the last use of the key", async () => {
      const key = await keyWith({ dailyBytes: 1000 });
      const { finder, admin } = new KeysOfTest({ ...opened, sites: { boxesOf: async () => [] } });
      const meters = process();
      await admitted(key, meters, { requests: 4, bytes: 100 });
      await finder.noteUse(key);
      await meters.settle();
      expect(await admin.list()).toMatchObject([{ id: key.id, lastUsedAt: new Date(noon).toISOString() }]);
      expect(await new KeyUses(opened.items).read(key.id)).toMatchObject({ day: Math.floor(noon / dayMs), bytes: 400 });
    });
  });
}
