import { type Accounts, openAccounts, type Role, roles } from "@gatepost/core/accounts";
import { FactorPolicy, Factors, givenFactorKey, graceMs } from "@gatepost/core/factors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeAt } from "../support/app-codes.ts";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const dayMs = 24 * 3_600_000;

/** Who needs a second factor, and since when, on any driver of the record store. */
export function factorPolicyContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps who needs a second factor:`, () => {
    let opened: OpenedItems;
    let policy: FactorPolicy;
    let accounts: Accounts;
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      const { items } = opened;
      const clock = () => opened.clock();
      policy = new FactorPolicy({ items, clock });
      const sites = { boxesOf: async () => [] };
      const opens = { items, keys: { find: async () => null }, sites, log: keptLog().log, clock };
      ({ accounts } = openAccounts(opens));
    });
    afterEach(() => opened.close());

    const at = (days: number) => opened.setClock(noon + days * dayMs);
    const invite = (role: Role) => {
      const email = `${role}-${Math.random()}@example.com`;
      return accounts.create({ email, name: null, role, sites: null, boxes: null }, "key_1");
    };
    const join = async (role: Role) => {
      const { id, token } = await invite(role);
      await accounts.accept(token, { name: "Ann", password: "hash" });
      return id;
    };
    const set = async (requiredFrom: Role | null) => policy.write(requiredFrom, (await policy.read()).version);
    /** The day on which the time of an account ends; null if it needs no factor. */
    const dayOf = async (id: string) => {
      const account = await accounts.get(id);
      if (account === null) throw new Error("no account");
      const due = await policy.dueOf(account);
      return due === null ? null : (due - noon) / dayMs;
    };

    it("nobody needs one at first, and a role includes the higher ones", async () => {
      expect(await policy.read()).toEqual({ requiredFrom: null, version: "0" });
      const ids = await Promise.all(roles.map(join));
      for (const [requiredFrom, days] of [
        [null, [null, null, null]],
        ["administrator", [null, null, 7]],
        ["manager", [null, 7, 7]],
        ["guard", [7, 7, 7]],
      ] as const) {
        expect(await set(requiredFrom)).toBe(true);
        expect((await policy.read()).requiredFrom).toBe(requiredFrom);
        expect(await Promise.all(ids.map(dayOf))).toEqual(days);
      }
    });

    it("one of two changes at once wins, and an old version changes nothing", async () => {
      for (const version of ["0", "1"]) {
        const changed = await Promise.all(roles.map((role) => policy.write(role, version)));
        expect(changed.filter(Boolean)).toHaveLength(1);
      }
      const { requiredFrom } = await policy.read();
      for (const version of ["0", "1", "9"]) expect(await policy.write(null, version)).toBe(false);
      expect(await policy.read()).toEqual({ requiredFrom, version: "2" });
    });

    it("a wider policy gives no new days to those who needed one, and a new one after a break does", async () => {
      const [guard = "", manager = "", administrator = ""] = await Promise.all(roles.map(join));
      await set("administrator");
      at(2);
      await set("manager");
      at(3);
      await set("guard");
      expect(await Promise.all([guard, manager, administrator].map(dayOf))).toEqual([10, 9, 7]);
      await set("administrator");
      at(4);
      await set("manager");
      expect(await Promise.all([guard, manager, administrator].map(dayOf))).toEqual([null, 11, 7]);
    });

    it("the days of a person begin with the first invitation, and a new link does not begin them anew", async () => {
      await set("guard");
      const { id, token: first } = await invite("guard");
      at(3);
      const again = await accounts.invite(id, "key_1");
      await expect(accounts.accept(first, { name: "Ann", password: "hash" })).rejects.toMatchObject({ kind: "gone" });
      at(4);
      const account = await accounts.accept(again?.token ?? "", { name: "Ann", password: "hash" });
      expect([await dayOf(id), await policy.overdueSince(account)]).toEqual([11, null]);
      at(11);
      const due = await policy.dueOf(account);
      expect(await policy.overdueSince(account)).toBe(due);
      const link = await accounts.invite(id, "key_1");
      const overdue = await accounts.accept(link?.token ?? "", { name: "Ann", password: "hash" });
      expect([await dayOf(id), await policy.overdueSince(overdue)]).toEqual([11, due]);
    });

    it("a higher role begins the days if it is the role that needs one, and only then", async () => {
      const [id] = [await join("guard"), await join("administrator")];
      await set("manager");
      at(20);
      expect(await dayOf(id)).toBeNull();
      await accounts.change(id, { role: "manager" });
      expect(await dayOf(id)).toBe(27);
      at(21);
      await accounts.change(id, { role: "administrator" });
      await accounts.change(id, { name: "Ann Lee" });
      await accounts.change(id, { role: "manager" });
      expect(await dayOf(id)).toBe(27);
      await accounts.change(id, { role: "guard" });
      expect(await dayOf(id)).toBeNull();
      at(22);
      await accounts.change(id, { role: "administrator" });
      expect(await dayOf(id)).toBe(29);
    });

    it("people of the company's provider, and people without a way to sign in, need none", async () => {
      await set("guard");
      const { id, token } = await invite("administrator");
      expect(await dayOf(id)).toBeNull();
      await accounts.accept(token, { name: "Ann", issuer: "https://login.example.com", subject: "1" });
      expect(await dayOf(id)).toBeNull();
      const link = await accounts.invite(id, "key_1");
      await accounts.accept(link?.token ?? "", { name: "Ann", password: "hash" });
      expect(await dayOf(id)).toBe(graceMs / dayMs);
    });

    it("the last usable factor stays while one is needed, and recovery codes are none", async () => {
      let key = givenFactorKey(Buffer.alloc(32, 7));
      const made = { find: () => key.find(), make: () => key.make() };
      const { log } = keptLog();
      const clock = () => opened.clock();
      const factors = new Factors({ items: opened.items, key: made, host: null, log, clock, believed: clock });
      const id = await join("guard");
      const add = async () => {
        const { id: factor, secret } = await factors.addCode({ id, label: "Ann" }, "Phone");
        await factors.confirmCode(id, factor, codeAt(secret, opened.clock()));
        return factor;
      };
      const remove = (factor: string, isNeeded = true) => factors.remove(id, factor, { isNeeded });
      const [phone, tablet] = [await add(), await add()];
      const { id: recovery } = await factors.addRecovery(id);
      const pending = await factors.addCode({ id, label: "Ann" }, "Watch");
      const removed = await Promise.all([remove(phone), remove(tablet)]);
      expect(removed.toSorted()).toEqual(["last", "removed"]);
      const last = removed[0] === "last" ? phone : tablet;
      expect(await remove(pending.id)).toBe("removed");
      expect(await remove(last)).toBe("last");
      key = givenFactorKey(Buffer.alloc(32, 8));
      expect(await remove(last)).toBe("last");
      const open = await add();
      expect([await remove(open), await remove(last), await remove(recovery)]).toEqual(["last", "removed", "removed"]);
      expect([await remove(open), await remove(open, false)]).toEqual(["last", "removed"]);
    });
  });
}
