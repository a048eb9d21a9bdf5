import { BoxStore, BoxZones, newRecord, zoneKnownForMs } from "@gatepost/core/boxes";
import { type SiteChange, Sites } from "@gatepost/core/sites";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

/** Sites, on any driver of the record store. */
export function sitesContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of a store of sites:`, () => {
    let opened: OpenedItems;
    let sites: Sites;
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      sites = new Sites({ items: opened.items, zone: "Asia/Shanghai" });
    });
    afterEach(() => opened.close());

    it("keeps all members of a site, and lists sites by id", async () => {
      const set = {
        name: "HQ",
        place: "Riverside Road 8",
        zone: "Europe/Berlin",
        workWeek: [1, 2, 7],
        holidays: ["2026-10-01", "2026-10-02"],
        sharesPeople: false,
        keepsPeopleApart: true,
      };
      expect(await sites.put("总部 hq", set)).toEqual({ id: "总部 hq", ...set });
      await sites.put("city", { name: "City" });
      expect(await sites.get("总部 hq")).toEqual({ id: "总部 hq", ...set });
      await expect.poll(async () => (await sites.list()).map(({ id }) => id)).toEqual(["city", "总部 hq"]);
      expect(await sites.get("Hq")).toBeNull();
    });

    it("ends one answer about people of a site with the other", async () => {
      const is = async (change: SiteChange) => {
        const { sharesPeople, keepsPeopleApart } = await sites.put("hq", change);
        return [sharesPeople, keepsPeopleApart];
      };
      expect(await is({ keepsPeopleApart: true })).toEqual([false, true]);
      expect(await is({ sharesPeople: true })).toEqual([true, false]);
      expect(await is({ keepsPeopleApart: true })).toEqual([false, true]);
      expect(await is({ sharesPeople: false })).toEqual([false, true]);
      expect(await is({ sharesPeople: true, keepsPeopleApart: true })).toEqual([true, false]);
    });

    it("gives the members of a new site that are not set their defaults", async () => {
      expect(await sites.put("hq", { sharesPeople: true })).toEqual({ ...sites.unset("hq"), sharesPeople: true });
      expect(sites.unset("hq")).toEqual({
        id: "hq",
        name: "hq",
        place: null,
        zone: "Asia/Shanghai",
        workWeek: [1, 2, 3, 4, 5],
        holidays: [],
        sharesPeople: false,
        keepsPeopleApart: false,
      });
    });

    it("gives a site without a zone that of the server, also after the server got another one", async () => {
      await sites.put("hq", { name: "HQ" });
      const later = new Sites({ items: opened.items, zone: "Europe/Rome" });
      expect(await later.get("hq")).toMatchObject({ name: "HQ", zone: "Europe/Rome" });
    });

    it("keeps members that two writers set at once", async () => {
      await Promise.all([
        sites.put("hq", { name: "HQ", place: "Road 8" }),
        sites.put("hq", { holidays: ["2026-10-01"] }),
      ]);
      const set = { name: "HQ", place: "Road 8", holidays: ["2026-10-01"] };
      expect(await sites.get("hq")).toEqual({ ...sites.unset("hq"), ...set });
      expect(await sites.put("hq", { place: null })).toMatchObject({ ...set, place: null });
    });

    describe("the zone of a box", () => {
      const boxAt = (site: string | null, zone: string | null) => ({ ...newRecord("gate-1"), site, zone });
      const put = async (record: ReturnType<typeof boxAt>) => {
        const boxes = new BoxStore(opened);
        await boxes.put({ record, rev: (await boxes.get("gate-1"))?.rev ?? 0 });
      };

      it("is the one that is set, else the zone of its site, else the server's", async () => {
        const zones = new BoxZones({ ...opened, usual: "Asia/Shanghai", knownForMs: 0 });
        expect(await zones.of("gate-1")).toBe("Asia/Shanghai");
        await put(boxAt("hq", null));
        expect(await zones.of("gate-1")).toBe("Asia/Shanghai");
        // Another member of the site sets no zone: on AWS, times would be read as UTC.
        await sites.put("hq", { sharesPeople: true });
        expect(await new BoxZones({ ...opened, usual: null, knownForMs: 0 }).of("gate-1")).toBeNull();
        await sites.put("hq", { zone: "Europe/Berlin" });
        expect(await zones.of("gate-1")).toBe("Europe/Berlin");
        await put(boxAt("hq", "America/Lima"));
        expect(await zones.of("gate-1")).toBe("America/Lima");
        await sites.put("default", { zone: "Asia/Tokyo" });
        expect(await zones.of("gate-2")).toBe("Asia/Tokyo");
        await put(boxAt(null, null));
        expect(await zones.of("gate-1")).toBe("Asia/Tokyo");
      });

      it("is remembered for a minute, and read anew for a replay", async () => {
        const zones = new BoxZones({ ...opened, usual: null });
        expect(await zones.of("gate-1")).toBeNull();
        await put(boxAt("hq", null));
        await sites.put("hq", { zone: "Europe/Berlin" });
        expect(await zones.of("gate-1")).toBeNull();
        expect(await zones.of("gate-1", { isReplay: true })).toBe("Europe/Berlin");
        await sites.put("hq", { zone: "Europe/Rome" });
        expect(await zones.of("gate-1")).toBe("Europe/Berlin");
        opened.setClock(noon + zoneKnownForMs);
        expect(await zones.of("gate-1")).toBe("Europe/Rome");
      });
    });

    it("removes a site once", async () => {
      await sites.put("hq", { name: "HQ" });
      expect(await sites.remove("hq")).toBe(true);
      expect(await sites.remove("hq")).toBe(false);
      expect(await sites.get("hq")).toBeNull();
      await expect.poll(() => sites.list()).toEqual([]);
    });
  });
}
