import { CompanyRecords, companySettings } from "@gatepost/core/company";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { pemOf } from "../support/certificates.ts";
import type { OpenedItems } from "./items.ts";

const settings = (name: string) =>
  z.parse(companySettings, {
    name,
    ca: pemOf("first.crt"),
    groups: { 门卫: { role: "guard", sites: ["总部 hq"] }, it: { role: "administrator" } },
  });

/** The settings of a company's sign-in, on any driver of the record store. */
export function companyContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the settings of a company's sign-in:`, () => {
    let opened: OpenedItems;
    let store: CompanyRecords;
    beforeEach(async () => {
      opened = await open();
      store = new CompanyRecords(opened.items);
    });
    afterEach(() => opened.close());

    it("no group has a role before settings are written", async () => {
      const { settings: first, version, isFile } = await store.read();
      expect([first.groups, version, isFile]).toEqual([{}, "0", false]);
    });

    it("reads the last written settings, and counts versions", async () => {
      expect(await store.write(settings("A"), "0")).toBe(true);
      expect(await store.write(settings("B"), "1")).toBe(true);
      expect(await store.read()).toEqual({ settings: settings("B"), version: "2", isFile: false });
    });

    it("one of several who change the same version at once succeeds", async () => {
      const race = (version: string) => Promise.all(["A", "B", "C"].map((one) => store.write(settings(one), version)));
      for (const version of ["0", "1"]) expect((await race(version)).filter(Boolean)).toEqual([true]);
      expect((await store.read()).version).toBe("2");
    });
  });
}
