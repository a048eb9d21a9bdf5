import { openAccounts } from "@gatepost/core/accounts";
import { type FactorKey, Factors, givenFactorKey, HalfSessions, halfMs } from "@gatepost/core/factors";
import type { SignInTries } from "@gatepost/core/passwords";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeAt } from "../support/app-codes.ts";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const ann = "acc_5c0e1d2b4a69787f3a";
const bo = "acc_000000000000000001";
const stepMs = 30_000;

/** Factors of accounts, and sign-ins that await one, on any driver of the record store. */
export function factorsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps factors:`, () => {
    let opened: OpenedItems;
    let factors: Factors;
    let tries: SignInTries;
    let halves: HalfSessions;
    let join: (email: string) => Promise<string>;
    let accounts: ReturnType<typeof openAccounts>["accounts"];
    let key: FactorKey;
    let behindMs = 0;
    const host = "localhost";
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      key = givenFactorKey(Buffer.alloc(32, 7));
      const { items } = opened;
      const clock = () => opened.clock();
      behindMs = 0;
      factors = new Factors({
        items,
        key: { find: () => key.find(), make: () => key.make() },
        host,
        log: keptLog().log,
        clock,
        believed: clock,
      });
      const sites = { boxesOf: async () => [] };
      const all = openAccounts({ items, keys: { find: async () => null }, sites, log: keptLog().log, clock });
      ({ accounts, signInTries: tries } = all);
      halves = new HalfSessions({ items, accounts, clock, machine: () => clock() - behindMs });
      join = async (email) => {
        const { token } = await accounts.create(
          { email, name: null, role: "guard", sites: null, boxes: null },
          "key_1",
        );
        return (await accounts.accept(token, { name: "Ann", password: "hash" })).id;
      };
    });
    afterEach(() => opened.close());

    const addCode = async (account: string, called = "Phone") => {
      const { id, secret } = await factors.addCode({ id: account, label: "ann@example.com" }, called);
      expect(await factors.confirmCode(account, id, codeAt(secret, opened.clock()))).toBe("confirmed");
      return { id, secret };
    };
    const use = (account: string, code: string) => factors.use(account, { kind: "code", code });
    const useRecovery = (account: string, code: string) => factors.use(account, { kind: "recovery", code });
    const stored = async (account: string) => JSON.stringify(await opened.items.get(`factors ${account}`));

    it("a code counts once its first code was given, within ten minutes", async () => {
      const { id, secret, uri } = await factors.addCode({ id: ann, label: "ann@example.com" }, "Phone");
      expect(uri).toBe(
        `otpauth://totp/Gatepost:ann%40example.com?issuer=Gatepost&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
      );
      const code = codeAt(secret, noon);
      expect([await factors.needs(ann), await factors.of(ann), await use(ann, code)]).toEqual([[], [], false]);
      const wrong = code === "000000" ? "000001" : "000000";
      expect(await factors.confirmCode(ann, id, wrong)).toBe("wrong");
      expect(await factors.confirmCode(bo, id, code)).toBe("unknown");
      opened.setClock(noon + 10 * 60_000);
      expect(await factors.confirmCode(ann, id, codeAt(secret, opened.clock()))).toBe("unknown");
      opened.setClock(noon + 10 * 60_000 - 1);
      expect(await factors.confirmCode(ann, id, codeAt(secret, opened.clock()))).toBe("confirmed");
      expect(await factors.needs(ann)).toEqual(["code"]);
      const shown = { id, kind: "code", name: "Phone", createdAt: noon, lastUsedAt: null, left: null, isLost: false };
      expect(await factors.of(ann)).toEqual([shown]);
      expect(await factors.confirmCode(ann, id, codeAt(secret, opened.clock()))).toBe("unknown");
    });

    it("a code is taken a step early or late, and no further", async () => {
      const { secret } = await addCode(ann);
      for (const [steps, isTaken] of [
        [2, false],
        [1, true],
        [0, false],
        [-1, false],
      ] as const) {
        expect([steps, await use(ann, codeAt(secret, noon + steps * stepMs))]).toEqual([steps, isTaken]);
      }
      opened.setClock(noon + 4 * stepMs);
      for (const [steps, isTaken] of [
        [-2, false],
        [-1, true],
        [0, true],
        [1, true],
      ] as const) {
        const code = codeAt(secret, opened.clock() + steps * stepMs);
        expect([steps, await use(ann, code)]).toEqual([steps, isTaken]);
      }
      expect((await factors.of(ann))[0]?.lastUsedAt).toBe(noon + 4 * stepMs);
    });

    it.each([
      ["a blank", (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)} `],
      ["a dash", (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
      ["full width", (code: string) => code.replaceAll(/\d/g, (one) => String.fromCodePoint(0xff10 + Number(one)))],
      ["a wide blank", (code: string) => `${code.slice(0, 3)}\u3000${code.slice(3)}`],
    ])("a code is taken with %s", async (_, written) => {
      const { id, secret } = await factors.addCode({ id: ann, label: "Ann" }, "Phone");
      expect(await factors.confirmCode(ann, id, written(codeAt(secret, noon)))).toBe("confirmed");
      opened.setClock(noon + stepMs);
      expect(await use(ann, written(codeAt(secret, opened.clock())))).toBe(true);
      const { codes } = await factors.addRecovery(ann);
      const wide = (codes[0] ?? "").replaceAll(/\w/g, (one) =>
        String.fromCodePoint(0xfee0 + (one.codePointAt(0) ?? 0)),
      );
      expect(await useRecovery(ann, wide)).toBe(true);
    });

    it("one of several uses of a code at once succeeds, also of its first one", async () => {
      const { id, secret } = await factors.addCode({ id: ann, label: "Ann" }, "Phone");
      const first = codeAt(secret, noon);
      const confirmed = await Promise.all([1, 2, 3].map(() => factors.confirmCode(ann, id, first)));
      expect(confirmed.filter((one) => one === "confirmed")).toHaveLength(1);
      expect(await use(ann, first)).toBe(false);
      opened.setClock(noon + stepMs);
      const code = codeAt(secret, opened.clock());
      const used = await Promise.all(Array.from({ length: 6 }, () => use(ann, code)));
      expect(used.filter(Boolean)).toHaveLength(1);
    });

    it.each(["", "12345", "1234567", "١٢٣٤٥٦", "-12345", "1e5   ", "x".repeat(64)])("%j is no code", async (code) => {
      await addCode(ann);
      expect([await use(ann, code), await useRecovery(ann, code)]).toEqual([false, false]);
    });

    it("ten recovery codes work once each, however they are written, and are stored hashed", async () => {
      await expect(factors.addRecovery(ann)).rejects.toMatchObject({ kind: "conflict" });
      await addCode(ann);
      const { codes } = await factors.addRecovery(ann);
      expect(new Set(codes).size).toBe(10);
      for (const code of codes) {
        expect(code).toMatch(/^[a-hj-km-np-z02-9]{4}(-[a-hj-km-np-z02-9]{4}){3}$/);
        for (const written of [code, code.replaceAll("-", "")]) expect(await stored(ann)).not.toContain(written);
      }
      expect(await factors.needs(ann)).toEqual(["code", "recovery"]);
      const [first = "", second = "", ...others] = codes;
      const taken = await Promise.all(Array.from({ length: 4 }, () => useRecovery(ann, first)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await useRecovery(ann, ` ${second.toUpperCase().replaceAll("-", " ")} `)).toBe(true);
      expect((await factors.of(ann)).map(({ kind, left }) => [kind, left])).toEqual([
        ["code", null],
        ["recovery", 8],
      ]);
      await addCode(bo);
      await factors.addRecovery(bo);
      expect(await useRecovery(bo, others[0] ?? "")).toBe(false);
      await factors.addRecovery(ann);
      expect([await useRecovery(ann, others[0] ?? ""), (await factors.of(ann))[1]?.left]).toEqual([false, 10]);
    });

    it("recovery codes go with the last code, and a removed factor opens nothing", async () => {
      const [phone, tablet] = [await addCode(ann), await addCode(ann, "Tablet")];
      await factors.addRecovery(ann);
      opened.setClock(noon + stepMs);
      const remove = (account: string, factor: string) => factors.remove(account, factor, { isNeeded: false });
      expect(await remove(bo, phone.id)).toBe("unknown");
      expect([await remove(ann, phone.id), await remove(ann, phone.id)]).toEqual(["removed", "unknown"]);
      expect(await use(ann, codeAt(phone.secret, opened.clock()))).toBe(false);
      expect((await factors.of(ann)).map(({ kind }) => kind)).toEqual(["code", "recovery"]);
      expect(await remove(ann, tablet.id)).toBe("removed");
      expect([await factors.of(ann), await factors.needs(ann)]).toEqual([[], []]);
    });

    it("an account has five codes at most; of those that nobody confirmed, the oldest makes room", async () => {
      const begin = () => factors.addCode({ id: ann, label: "Ann" }, "Phone");
      const confirm = ({ id, secret }: { id: string; secret: string }) =>
        factors.confirmCode(ann, id, codeAt(secret, noon));
      const begun = [];
      for (let n = 0; n < 7; n++) begun.push(await begin());
      const confirmed = [];
      for (const one of begun) confirmed.push(await confirm(one));
      expect(confirmed).toEqual([..."uuccccc"].map((one) => (one === "u" ? "unknown" : "confirmed")));
      await expect(begin()).rejects.toMatchObject({ kind: "conflict", message: "you have 5 codes; remove one first" });
      await factors.remove(ann, begun[6]?.id ?? "", { isNeeded: true });
      const [first, second] = [await begin(), await begin()];
      expect([await confirm(first), await confirm(second)]).toEqual(["unknown", "confirmed"]);
    });

    it("without a readable key, recovery codes work, and codes are told to be lost", async () => {
      const { secret } = await addCode(ann);
      const { codes } = await factors.addRecovery(ann);
      opened.setClock(noon + stepMs);
      key = { ...key, find: () => Promise.reject(new Error("factors.key is no key of factors")) };
      expect([await factors.needs(ann), await use(ann, codeAt(secret, opened.clock()))]).toEqual([["recovery"], false]);
      for (const one of codes) expect(await useRecovery(ann, one)).toBe(true);
      await expect(factors.needs(ann)).rejects.toMatchObject({ code: "factors-lost" });
    });

    it("a reset ends all factors, also one that is being added", async () => {
      const { secret } = await addCode(ann);
      const { id, secret: added } = await factors.addCode({ id: ann, label: "Ann" }, "Tablet");
      await factors.addRecovery(ann);
      expect([await factors.removeAll(ann), await factors.removeAll(ann)]).toEqual([true, false]);
      expect(await factors.confirmCode(ann, id, codeAt(added, noon))).toBe("unknown");
      opened.setClock(noon + stepMs);
      expect(await use(ann, codeAt(secret, opened.clock()))).toBe(false);
      expect([await opened.items.get(`factors ${ann}`), await factors.needs(ann)]).toEqual([null, []]);
    });

    it("a seed is stored encrypted, for its account alone", async () => {
      const { secret } = await addCode(ann);
      expect(await stored(ann)).not.toContain(secret);
      const item = await opened.items.get(`factors ${ann}`);
      const { factors: taken = "", rev = "" } = item ?? {};
      await opened.items.write({ pk: `factors ${bo}`, set: { factors: taken, rev } });
      opened.setClock(noon + stepMs);
      const code = codeAt(secret, opened.clock());
      expect([await use(bo, code), await use(ann, code)]).toEqual([false, true]);
    });

    it("without the key of its seed, a code neither lets in nor is forgotten", async () => {
      const { secret } = await addCode(ann);
      const { codes } = await factors.addRecovery(ann);
      opened.setClock(noon + stepMs);
      const code = codeAt(secret, opened.clock());
      const right = key;
      const none = { find: async () => null, make: async () => Buffer.alloc(32, 8) };
      for (const lost of [none, givenFactorKey(Buffer.alloc(32, 8))]) {
        key = lost;
        expect([await factors.needs(ann), await use(ann, code)]).toEqual([["recovery"], false]);
        expect((await factors.of(ann)).map(({ isLost }) => isLost)).toEqual([true, false]);
      }
      for (const one of codes) expect(await useRecovery(ann, one)).toBe(true);
      await expect(factors.needs(ann)).rejects.toMatchObject({ kind: "forbidden", code: "factors-lost" });
      key = right;
      expect([await factors.needs(ann), await use(ann, code)]).toEqual([["code"], true]);
    });

    it("a half-signed session ends after five minutes, once used, and with its account", async () => {
      const id = await join("ann@example.com");
      const account = await accounts.get(id);
      if (account === null) throw new Error("no account");
      const [first, second] = [
        await halves.begin({ account, stays: true }),
        await halves.begin({ account, stays: false }),
      ];
      expect(await halves.find(first)).toMatchObject({ account: { id }, stays: true });
      expect(await halves.find(second)).toMatchObject({ stays: false });
      for (const wrong of ["", "x", first.slice(0, -1), `gps_${first.slice(4)}`])
        expect(await halves.find(wrong)).toBeNull();
      const ended = await Promise.all([1, 2, 3].map(() => halves.end(first)));
      expect([ended.filter(Boolean).length, await halves.find(first)]).toEqual([1, null]);
      opened.setClock(noon + halfMs - 1000);
      expect(await halves.find(second)).not.toBeNull();
      await accounts.endSessions(id);
      expect(await halves.find(second)).toBeNull();
      const changed = await accounts.get(id);
      if (changed === null) throw new Error("no account");
      const third = await halves.begin({ account: changed, stays: false });
      opened.setClock(noon + 2 * halfMs - 1000);
      expect(await halves.find(third)).toBeNull();
    });

    it("a half session ends after its minutes while the store's clock stands still, and when the clock is set back", async () => {
      const account = await accounts.get(await join("ann@example.com"));
      if (account === null) throw new Error("no account");
      const hourMs = 3_600_000;
      const first = await halves.begin({ account, stays: false });
      behindMs = hourMs;
      expect(await halves.find(first)).toBeNull();
      const second = await halves.begin({ account, stays: false });
      behindMs = hourMs - halfMs + 1000;
      expect(await halves.find(second)).not.toBeNull();
      behindMs = hourMs - halfMs;
      expect(await halves.find(second)).toBeNull();
    });

    it("of many tries at once no more are made than one after the other", async () => {
      const asked = { account: "factor of acc_1", address: "192.0.2.1" };
      const waits = await Promise.all(Array.from({ length: 30 }, () => tries.begin(asked)));
      const begun = waits.filter((wait) => wait === null);
      // A try whose answer was lost counts, too.
      expect(begun.length).toBeGreaterThan(0);
      expect(begun.length).toBeLessThanOrEqual(5);
      expect(waits.filter((wait) => wait !== null)).toEqual(Array.from({ length: 30 - begun.length }, () => 1));
    });

    it("a try that has succeeded leaves no failure, and lets its address be known", async () => {
      const asked = { account: "factor of acc_1", address: "192.0.2.1" };
      for (let n = 0; n < 12; n++) {
        expect(await tries.begin({ ...asked, account: `factor of acc_${n}` })).toBeNull();
        await tries.ended({ ...asked, account: `factor of acc_${n}` });
      }
      for (let n = 0; n < 5; n++) expect(await tries.begin({ ...asked, account: "factor of acc_99" })).toBeNull();
      expect(await tries.begin({ ...asked, account: "factor of acc_99" })).toBe(1);
      expect(await tries.begin(asked)).toBeNull();
    });

    it("a day of guesses is some hundred, and who is known at the address goes on", async () => {
      const owner = { account: "factor of acc_1", address: "198.51.100.7" };
      await tries.begin(owner);
      await tries.ended(owner);
      let made = 0;
      const day = 24 * 3_600_000;
      for (let passed = 0; passed < day; ) {
        const wait = await tries.begin({ account: "factor of acc_1", address: `192.0.2.${made % 250}` });
        if (wait === null) made += 1;
        expect(wait ?? 0).toBeLessThanOrEqual(300);
        passed += (wait ?? 0) * 1000;
        opened.setClock(noon + passed);
      }
      expect(made).toBeLessThan(310);
      expect(await tries.begin(owner)).toBeNull();
    });
  });
}
