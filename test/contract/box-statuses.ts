import {
  BoxStatusReader,
  type BoxStatusRecord,
  BoxStatusStore,
  eraseStatuses,
  redatedStatus,
} from "@gatepost/core/statuses";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusesOf } from "../support/statuses-of.ts";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { day, noon } from "./samples.ts";

const lifetime = 90 * day;

const status = (overrides: Partial<BoxStatusRecord> = {}): BoxStatusRecord => ({
  box: "gate-1",
  kind: "status",
  receivedAt: noon,
  report: { gateway_sn: "1", 状态: [null, 1.5, { "": "\u0000" }] },
  ...overrides,
});

/** The last statuses of boxes, on any driver of the record store. */
export function boxStatusesContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the last statuses of boxes:`, () => {
    let opened: OpenedItems;
    let store: BoxStatusStore;
    let logged: ReturnType<typeof keptLog>;
    beforeEach(async () => {
      opened = await open();
      logged = keptLog();
      store = new BoxStatusStore(opened.items, () => lifetime);
    });
    afterEach(() => opened.close());

    const put = async (...all: Partial<BoxStatusRecord>[]) => {
      for (const one of all) await store.put(status(one));
    };
    const statusesAt = (box: string) => statusesOf(opened.items, box);
    const erase = (person: string, box: string | null, before?: number) =>
      eraseStatuses({ person, box, ...(before === undefined ? {} : { before }) }, { ...opened, log: logged.log });
    const spoil = (pk: string, set: Record<string, string | number>) => opened.items.write({ pk: `notice ${pk}`, set });

    it("a status is read as it was sent", async () => {
      await put({});
      expect(await statusesAt("gate-1")).toEqual([status()]);
    });

    it("the status that was received last is kept of each box and kind", async () => {
      await put({}, { kind: "device-sync" }, { box: "gate-2" }, { receivedAt: noon + 1, report: {} });
      const kept = [...(await statusesAt("gate-1")), ...(await statusesAt("gate-2"))];
      expect(kept.map(({ box, kind, receivedAt }) => [box, kind, receivedAt]).sort()).toEqual([
        ["gate-1", "device-sync", noon],
        ["gate-1", "status", noon + 1],
        ["gate-2", "status", noon],
      ]);
    });

    it("a replayed status replaces one of the same time, but no later one", async () => {
      await put({}, { receivedAt: noon - 1, report: {} });
      expect(await statusesAt("gate-1")).toEqual([status()]);
      await put({ report: {} });
      expect(await statusesAt("gate-1")).toEqual([status({ report: {} })]);
    });

    it("a status expires by the time of its receipt", async () => {
      await put({}, { kind: "device-sync" }, { kind: "device-sync", receivedAt: noon + day });
      opened.setClock(noon + lifetime - 1);
      expect(await statusesAt("gate-1")).toHaveLength(2);
      opened.setClock(noon + lifetime);
      const left = status({ kind: "device-sync", receivedAt: noon + day });
      expect(await statusesAt("gate-1")).toEqual([left]);
      opened.setClock(noon + lifetime + day);
      expect(await statusesAt("gate-1")).toEqual([]);
    });

    it("an early status is kept after a later one has expired", async () => {
      await put({ receivedAt: noon + 2 * day });
      opened.setClock(noon + lifetime + 2 * day);
      await put({ receivedAt: noon + day + lifetime });
      expect(await statusesAt("gate-1")).toEqual([status({ receivedAt: noon + day + lifetime })]);
    });

    it("a status of 256 KB is kept", async () => {
      const report = { gateway_sn: "x".repeat(256 * 1024 - 17) };
      await put({ report });
      expect(await statusesAt("gate-1")).toEqual([status({ report })]);
    });

    it("readers get one status of each kind, and no results of commands", async () => {
      await put({}, { kind: "mq-result" }, { kind: "device-sync" }, { box: "gate-2" }, { box: "gate-3" });
      const read = await new BoxStatusReader(opened.items, logged.log).of(["gate-1", "gate-2", "none"]);
      expect(read.map(({ box, kind }) => `${box} ${kind}`).sort()).toEqual([
        "gate-1 device-sync",
        "gate-1 status",
        "gate-2 status",
      ]);
    });

    it("a broken status is left out, logged, and replaced by the next status", async () => {
      await put({});
      await spoil("status gate-1", { report: "[]" });
      const reader = new BoxStatusReader(opened.items, logged.log);
      expect(await reader.of(["gate-1"])).toEqual([]);
      const cause = new Error("notice status gate-1 is not as this version stores it: report: custom");
      const message = "the last status of a box cannot be read, and counts as missing";
      expect(logged.lines).toEqual([{ level: "error", message, facts: { cause } }]);
      await put({ receivedAt: noon + 1 });
      expect(await reader.of(["gate-1"])).toEqual([status({ receivedAt: noon + 1 })]);
    });

    it("an erasure removes the statuses of one box that name a person", async () => {
      await put({ report: { id: "7" } }, { kind: "mq-result", report: { ids: ['["7"]'] } }, { kind: "device-sync" });
      await put({ box: "gate-2", report: { id: "7" } });
      await erase("7", "gate-1");
      expect((await statusesAt("gate-1")).map(({ kind }) => kind)).toEqual(["device-sync"]);
      expect(await statusesAt("gate-2")).toHaveLength(1);
    });

    it("an erasure at every box reads all statuses, and removes those that name the person", async () => {
      const boxes = Array.from({ length: 60 }, (_, number) => `box-${number}`);
      await Promise.all(boxes.map((box, number) => store.put(status({ box, report: { id: `${number % 2}` } }))));
      await erase("1", null);
      const left = await Promise.all(boxes.map(async (box) => (await statusesAt(box)).length));
      expect(left).toEqual(boxes.map((_, number) => 1 - (number % 2)));
      expect(logged.lines).toEqual([]);
    });

    it("an erasure spares statuses that were received after it", async () => {
      await put({ report: { id: "7" }, receivedAt: noon + 5 });
      await erase("7", "gate-1", noon + 5);
      expect(await statusesAt("gate-1")).toHaveLength(1);
      await erase("7", "gate-1", noon + 6);
      expect(await statusesAt("gate-1")).toEqual([]);
    });

    it("an erasure removes a broken status, and logs it", async () => {
      await put({}, { box: "gate-2" });
      await spoil("status gate-1", { report: "[]" });
      await erase("7", null);
      expect([await opened.items.get("notice status gate-1"), await statusesAt("gate-2")]).toEqual([
        null,
        [status({ box: "gate-2" })],
      ]);
      const cause = new Error("notice status gate-1 is not as this version stores it: report: custom");
      expect(logged.lines).toEqual([
        { level: "warn", message: "a box status that is broken was erased", facts: { cause } },
      ]);
    });

    it("a status of a wrong clock gets another time, and the next one replaces it", async () => {
      await put({ receivedAt: noon + 500 * day });
      const [pk, item] = ["notice status gate-1", await opened.items.get("notice status gate-1")];
      if (item === null) throw new Error(`${pk} is missing`);
      expect(redatedStatus(item, () => null, lifetime)).toBeNull();
      expect(redatedStatus({ ...item, report: "[]" }, () => noon, lifetime)).toBeNull();
      const change = redatedStatus(item, () => noon, lifetime);
      if (change !== null) await opened.items.write(change);
      expect(await statusesAt("gate-1")).toEqual([status()]);
      await put({ receivedAt: noon + 1, report: {} });
      expect(await statusesAt("gate-1")).toEqual([status({ receivedAt: noon + 1, report: {} })]);
      opened.setClock(noon + 1000 + lifetime);
      expect(await statusesAt("gate-1")).toEqual([]);
    });
  });
}
