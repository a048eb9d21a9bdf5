import type { DeviceReader } from "@gatepost/core/boxes";
import type { EventIndex } from "@gatepost/core/events";
import { type TicketStore, ticketsOfKey } from "@gatepost/core/tickets";
import { limits, shortName } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon, report, upsert } from "./samples.ts";

export interface SmallReadsUnderTest {
  index: EventIndex;
  devices: DeviceReader;
  tickets: TicketStore;
  /** Moves the clock that tickets go by. */
  setClock(now: number): void;
  close(): Promise<void>;
}

/** What every reader of devices and every store of tickets promises. */
export function smallReadsContract(name: string, open: () => Promise<SmallReadsUnderTest>): void {
  describe(`${name} keeps the promises of small stores:`, () => {
    let deps: SmallReadsUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    it("devices are listed once, by id, else ep_id, else address", async () => {
      const devices = [
        { id: "cam-1", endpoint: "BOX1__10.0.0.2", ip: "10.0.0.7" },
        { endpoint: "BOX1__10.0.0.2", ip: "10.0.0.7" },
        { ip: "10.0.0.7" },
        { id: "cam-1" },
        {},
      ];
      for (const [n, device] of devices.entries())
        await deps.index.upsert(upsert(`${n}`, { report: report({ device }) }));
      expect((await deps.devices.devices()).sort()).toEqual(["10.0.0.7", "BOX1__10.0.0.2", "cam-1"]);
    });

    it("a device that only a repeated report names is listed", async () => {
      await deps.index.upsert(upsert("a", { report: report({ device: {} }) }));
      expect(await deps.devices.devices()).toEqual([]);
      await deps.index.upsert(upsert("a", { report: report({ device: { id: "cam-1" } }) }));
      expect(await deps.devices.devices()).toEqual(["cam-1"]);
    });

    it("a device of an event that replaced an expired one is listed", async () => {
      await deps.index.upsert(upsert("a", { report: report({ device: {} }), expiresAt: noon + day }));
      deps.setClock(noon + day);
      const anew = { now: noon + day, expiresAt: noon + 2 * day };
      await deps.index.upsert(upsert("a", { ...anew, report: report({ device: { id: "cam-1" } }) }));
      expect(await deps.devices.devices()).toEqual(["cam-1"]);
    });

    it("devices of chosen boxes are listed once each", async () => {
      const seen = [
        ["gate-1", "cam-1"],
        ["gate-2", "cam-1"],
        ["gate-2", "cam-2"],
        ["gate-3", "cam-3"],
      ];
      for (const [n, [box = "", id = ""]] of seen.entries())
        await deps.index.upsert(upsert(`d${n}`, { box, report: report({ device: { id } }) }));
      expect((await deps.devices.devices(["gate-1", "gate-2", "nowhere"])).sort()).toEqual(["cam-1", "cam-2"]);
      expect(await deps.devices.devices([])).toEqual([]);
      expect((await deps.devices.devices()).sort()).toEqual(["cam-1", "cam-2", "cam-3"]);
    });

    it("a limited number of devices a box is listed, with long names cut", async () => {
      const long = "d".repeat(5000);
      const send = (n: number) =>
        deps.index.upsert(upsert(`${n}`, { report: report({ device: { id: `${n}${long}` } }) }));
      const early = limits.devicesOfBox - 20;
      await Promise.all(Array.from({ length: early }, (_, n) => send(n)));
      for (let n = early; n < limits.devicesOfBox + 20; n += 1) await send(n);
      await deps.index.upsert(upsert("other", { box: "gate-2", report: report({ device: { id: "cam-2" } }) }));
      const devices = await deps.devices.devices();
      expect(devices).toHaveLength(limits.devicesOfBox + 1);
      expect(devices).toContain("cam-2");
      const named = new Set(Array.from({ length: limits.devicesOfBox + 20 }, (_, n) => shortName(`${n}${long}`)));
      expect(devices.filter((device) => !named.has(device))).toEqual(["cam-2"]);
      expect(await deps.devices.devices(["gate-1"])).toHaveLength(limits.devicesOfBox);
    });

    it("a found ticket stays until it expires or its token is ended", async () => {
      await deps.tickets.issue("one", "token", noon + 60_000);
      await deps.tickets.issue("two", "token", noon + 60_000);
      await deps.tickets.issue("other", "another", noon + 60_000);
      for (let time = 0; time < 2; time++) expect(await deps.tickets.find("one")).toBe("token");
      expect(await deps.tickets.find("unknown")).toBeNull();
      deps.setClock(noon + 1);
      await deps.tickets.endAll("token");
      expect(await deps.tickets.find("one")).toBeNull();
      expect(await deps.tickets.find("two")).toBeNull();
      expect(await deps.tickets.find("other")).toBe("another");
      deps.setClock(noon + 2);
      await deps.tickets.issue("three", "token", noon + 60_000);
      expect(await deps.tickets.find("three")).toBe("token");
      deps.setClock(noon + 60_000);
      expect(await deps.tickets.find("three")).toBeNull();
    });

    it("a token has its newest hundred tickets, and removes none of another", async () => {
      await deps.tickets.issue("other", "another", noon + 60_000);
      for (let n = 0; n < 2 * ticketsOfKey; n++) await deps.tickets.issue(`${n}`, "token", noon + 60_000);
      const newest = Array.from({ length: ticketsOfKey }, (_, n) => `${ticketsOfKey + n}`);
      expect(new Set(await Promise.all(newest.map((ticket) => deps.tickets.find(ticket))))).toEqual(new Set(["token"]));
      expect(await deps.tickets.find("other")).toBe("another");
    });

    it("an expired ticket does not open", async () => {
      await deps.tickets.issue("ticket", "token", noon + 60_000);
      deps.setClock(noon + 60_000);
      expect(await deps.tickets.find("ticket")).toBeNull();
    });
  });
}
