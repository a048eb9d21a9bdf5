import { Sites } from "@gatepost/core/sites";
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
        sharesPeople: true,
      };
      expect(await sites.put("总部 hq", set)).toEqual({ id: "总部 hq", ...set });
      await sites.put("city", { name: "City" });
      expect(await sites.get("总部 hq")).toEqual({ id: "总部 hq", ...set });
      await expect.poll(async () => (await sites.list()).map(({ id }) => id)).toEqual(["city", "总部 hq"]);
      expect(await sites.get("Hq")).toBeNull();
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
      });
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

    it("removes a site once", async () => {
      await sites.put("hq", { name: "HQ" });
      expect(await sites.remove("hq")).toBe(true);
      expect(await sites.remove("hq")).toBe(false);
      expect(await sites.get("hq")).toBeNull();
      await expect.poll(() => sites.list()).toEqual([]);
    });
  });
}
