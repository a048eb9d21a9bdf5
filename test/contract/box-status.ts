import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/ingest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon } from "./samples.ts";

export interface BoxHealthUnderTest {
  /** Keeps a notice for 90 days. */
  boxStatus: BoxStatusStore;
  /** All that is kept of a box. */
  of(box: string): Promise<BoxStatusRecord[]>;
  /** Has the store remove what has expired by a time (ms). */
  removeExpired(now: number): Promise<void>;
  close(): Promise<void>;
}

const boxStatus = (overrides: Partial<BoxStatusRecord> = {}): BoxStatusRecord => ({
  box: "gate-1",
  kind: "status",
  receivedAt: noon,
  report: { gateway_sn: "1", 状态: [null, 1.5, { "": "\u0000" }] },
  ...overrides,
});

/** What every keeper of the boxes' health promises. */
export function boxHealthContract(name: string, open: () => Promise<BoxHealthUnderTest>): void {
  describe(`${name} keeps the promises of the boxes' health:`, () => {
    let deps: BoxHealthUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    it("keeps a notice as it was sent", async () => {
      await deps.boxStatus.put(boxStatus());
      expect(await deps.of("gate-1")).toEqual([boxStatus()]);
    });

    it("keeps of each box and kind the one that was received last", async () => {
      const all = [boxStatus(), boxStatus({ kind: "device-sync" }), boxStatus({ box: "gate-2" })];
      for (const one of all) await deps.boxStatus.put(one);
      await deps.boxStatus.put(boxStatus({ receivedAt: noon + 1, report: {} }));
      const kept = [...(await deps.of("gate-1")), ...(await deps.of("gate-2"))];
      expect(kept.map(({ box, kind, receivedAt }) => [box, kind, receivedAt]).sort()).toEqual([
        ["gate-1", "device-sync", noon],
        ["gate-1", "status", noon + 1],
        ["gate-2", "status", noon],
      ]);
    });

    it("is not set back by one that is replayed", async () => {
      await deps.boxStatus.put(boxStatus());
      await deps.boxStatus.put(boxStatus({ receivedAt: noon - 1, report: {} }));
      expect(await deps.of("gate-1")).toEqual([boxStatus()]);
    });

    it("keeps a notice until it expires, and then no longer", async () => {
      await deps.boxStatus.put(boxStatus());
      await deps.boxStatus.put(boxStatus({ kind: "device-sync", receivedAt: noon + day }));
      await deps.removeExpired(noon + 90 * day - 1);
      expect(await deps.of("gate-1")).toHaveLength(2);
      await deps.removeExpired(noon + 90 * day);
      expect(await deps.of("gate-1")).toEqual([boxStatus({ kind: "device-sync", receivedAt: noon + day })]);
    });

    it("keeps the last one as long as if it were the first", async () => {
      await deps.boxStatus.put(boxStatus());
      await deps.boxStatus.put(boxStatus({ receivedAt: noon + day }));
      await deps.removeExpired(noon + 91 * day - 1);
      expect(await deps.of("gate-1")).toEqual([boxStatus({ receivedAt: noon + day })]);
      await deps.removeExpired(noon + 91 * day);
      expect(await deps.of("gate-1")).toEqual([]);
    });

    it("keeps a notice of 256 KB", async () => {
      const report = { gateway_sn: "x".repeat(256 * 1024 - 17) };
      await deps.boxStatus.put(boxStatus({ report }));
      expect(await deps.of("gate-1")).toEqual([boxStatus({ report })]);
    });
  });
}
