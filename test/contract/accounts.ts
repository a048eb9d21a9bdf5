import {
  type Accounts,
  freshMs,
  idleMs,
  longestMs,
  newSetupCode,
  openAccounts,
  type Sessions,
  type SetupCodes,
  setupKey,
  Viewers,
} from "@gatepost/core/accounts";
import { hashToken, type Key } from "@gatepost/core/keys";
import type { SignInTries } from "@gatepost/core/passwords";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const everything = { sites: null, boxes: null };
const dayMs = 24 * 3600 * 1000;

/** Accounts of people, their sessions and failures, on any driver of the record store. */
export function accountsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps accounts:`, () => {
    let opened: OpenedItems;
    let accounts: Accounts;
    let sessions: Sessions;
    let setupCodes: SetupCodes;
    let tries: SignInTries;
    /** How far the clock of the machine was set back. */
    let behindMs = 0;
    const boxesOf = new Map<string, string[]>();
    const liveKeys = new Map<string, Key>();
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      boxesOf.clear();
      liveKeys.clear();
      const sites = { boxesOf: async (site: string) => boxesOf.get(site) ?? [] };
      const { items } = opened;
      const keys = { find: async (hash: string) => liveKeys.get(hash) ?? null };
      const all = openAccounts({
        items,
        keys,
        sites,
        log: keptLog().log,
        clock: () => opened.clock(),
        machine: () => opened.clock() - behindMs,
      });
      behindMs = 0;
      ({ accounts, sessions, setupCodes, signInTries: tries } = all);
    });
    afterEach(() => opened.close());

    const invite = (email: string, role: "guard" | "manager" | "administrator" = "guard") =>
      accounts.create({ ...everything, email, name: null, role }, "key_1");
    const join = async (email: string, role: "guard" | "manager" | "administrator" = "guard") => {
      const { token } = await invite(email, role);
      return accounts.accept(token, { name: email.split("@")[0] ?? "", password: "hash" });
    };
    const begin = async (id: string, stays = false) => {
      const account = await accounts.get(id);
      if (account === null) throw new Error("no account");
      return (await sessions.begin({ account, with: "password", stays, agent: "Firefox" })).token;
    };
    const isLive = async (token: string) => (await sessions.findByToken(token)) !== null;

    const root = (name: string) => ({ email: `${name}@example.com`, name, password: "hash" });

    it("the code of a first link works once within seven days, and is stored hashed", async () => {
      const codes = [newSetupCode(), newSetupCode(), newSetupCode()] as const;
      for (const code of codes) expect(await setupCodes.add(code)).toBe(noon + 7 * dayMs);
      const taken = await Promise.all(Array.from({ length: 6 }, () => setupCodes.take(codes[0])));
      expect(taken.filter(Boolean)).toHaveLength(1);
      const item = await opened.items.get(`setup ${hashToken(codes[1])}`);
      expect(JSON.stringify(item)).not.toContain(codes[1]);
      opened.setClock(noon + 7 * dayMs - 1000);
      expect(await setupCodes.take(codes[1])).toBe(true);
      opened.setClock(noon + 7 * dayMs);
      expect(await setupCodes.take(codes[2])).toBe(false);
      for (const wrong of ["", newSetupCode(), codes[0], "x".repeat(10_000)])
        expect(await setupCodes.take(wrong)).toBe(false);
    });

    it("one of several first administrators at once is made, and the others leave nothing", async () => {
      const asked = ["ann", "bo", "cy", "di"].map((name) => accounts.createFirst(root(name)));
      const settled = await Promise.allSettled(asked);
      const made = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(made).toEqual([expect.objectContaining({ role: "administrator", with: "password" })]);
      const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      for (const error of refused) expect(error).toMatchObject({ kind: "conflict", code: "administrator" });
      const { items } = await accounts.page({ limit: 10, cursor: null });
      expect(items.map(({ id }) => id)).toEqual([made[0]?.id]);
      const other = settled[0]?.status === "fulfilled" ? "bo" : "ann";
      await invite(`${other}@example.com`);
    });

    it("a first administrator with the address of another account is refused", async () => {
      await invite("ann@example.com");
      await expect(accounts.createFirst(root("ann"))).rejects.toMatchObject({ code: "email-taken" });
      expect(await accounts.administratorNames()).toEqual([]);
      await accounts.createFirst(root("bo"));
      expect(await accounts.administratorNames()).toEqual(["bo"]);
    });

    it("a session ends with its key, of a first link after 12 hours", async () => {
      const key = { id: "key_1", scope: "read", box: null, boxes: ["gate-1"] } as const;
      liveKeys.set("hash", key);
      const asked = { stays: false, agent: null };
      const { token } = await sessions.begin({ ...asked, account: null, key, keyHash: "hash", with: "key" });
      const first = await sessions.begin({ ...asked, account: null, key: setupKey, with: "setup" });
      expect(await sessions.findByToken(token)).toMatchObject({ key, boxes: ["gate-1"], account: null });
      expect(await sessions.keyHashOf(token)).toBe("hash");
      expect(await sessions.keyHashOf(first.token)).toBeNull();
      for (const hours of [6, 11]) {
        opened.setClock(noon + hours * 3_600_000);
        for (const one of [token, first.token]) {
          const session = await sessions.findByToken(one);
          if (session !== null) await sessions.noteUse(session);
        }
      }
      opened.setClock(noon + 12 * 3_600_000);
      expect([await isLive(token), await isLive(first.token)]).toEqual([true, false]);
      liveKeys.clear();
      expect(await isLive(token)).toBe(false);
    });

    it("the sessions of first links are listed, and end together", async () => {
      const asked = { account: null, key: setupKey, with: "setup", stays: false, agent: "Firefox" } as const;
      const tokens = [(await sessions.begin(asked)).token, (await sessions.begin(asked)).token];
      await expect.poll(async () => (await sessions.of("setup")).length).toBe(2);
      await sessions.endAllOf("setup");
      expect(await Promise.all(tokens.map(isLive))).toEqual([false, false]);
    });

    it("an invitation works once, and only the newest link of an account", async () => {
      const { id, token } = await invite("a@example.com");
      const again = await accounts.invite(id, "acc_x");
      await expect(accounts.invitation(token)).rejects.toThrow("this link was used, or has ended");
      expect(await accounts.invitation(again?.token ?? "")).toMatchObject({ by: "acc_x", account: { id, with: null } });
      const both = ["Ann", "Bea"].map((called) =>
        accounts.accept(again?.token ?? "", { name: called, password: called }),
      );
      const settled = await Promise.allSettled(both);
      expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      await expect(accounts.invitation(again?.token ?? "")).rejects.toThrow("this link was used");
      const winner = settled[0]?.status === "fulfilled" ? "Ann" : "Bea";
      expect(await accounts.byEmail("a@example.com")).toMatchObject({ account: { name: winner }, password: winner });
    });

    it("an invitation ends after seven days, and with its account", async () => {
      const { token } = await invite("a@example.com");
      const other = await invite("b@example.com");
      await accounts.remove(other.id);
      await expect(accounts.invitation(other.token)).rejects.toThrow("this link was used, or has ended");
      opened.setClock(noon + 7 * dayMs - 1000);
      await accounts.invitation(token);
      opened.setClock(noon + 7 * dayMs);
      await expect(accounts.accept(token, { name: "x", password: "y" })).rejects.toThrow("this link was used");
    });

    it("an e-mail address belongs to one account, however it is written", async () => {
      await join("Ann@Example.com");
      await expect(invite("ann@example.COM")).rejects.toThrow("another account has this e-mail address");
      // A Cyrillic letter that looks the same makes another address.
      await invite("\u0430nn@example.com");
      expect((await accounts.byEmail("ANN@example.com"))?.account.email).toBe("Ann@Example.com");
      expect(await accounts.byEmail("nobody@example.com")).toBeNull();
    });

    it("two who invite the same address at once make one account", async () => {
      const asked = Array.from({ length: 6 }, (_, n) => invite(n % 2 === 0 ? "a@example.com" : "A@example.com"));
      const made = await Promise.allSettled(asked);
      const isMade = made.filter(({ status }) => status === "fulfilled").length;
      const { items } = await accounts.page({ limit: 10, cursor: null });
      expect([isMade, items.length]).toEqual([1, 1]);
    });

    it("a person of a provider is known by issuer and subject alone", async () => {
      await join("ann@example.com");
      const identity = { issuer: "https://idp.example", subject: "1" };
      expect(await accounts.byIdentity(identity)).toBeNull();
      const asked = { ...everything, email: "ann@example.com", name: "Ann", role: "guard" as const };
      const made = await accounts.createByGroups(asked, identity);
      expect(await accounts.byIdentity(identity)).toMatchObject({ id: made.id, with: "company", isByGroups: true });
      expect(await accounts.byIdentity({ ...identity, issuer: "https://other.example" })).toBeNull();
      await expect(accounts.createByGroups(asked, identity)).rejects.toThrow("this person has an account already");
      const { token } = await invite("bea@example.com");
      await expect(accounts.accept(token, { name: null, ...identity })).rejects.toThrow("has another account here");
      await accounts.remove(made.id);
      expect(await accounts.byIdentity(identity)).toBeNull();
      expect((await accounts.accept(token, { name: null, ...identity })).with).toBe("company");
    });

    it("the last administrator stays, also if two remove each other at once", async () => {
      const [one, two] = [await join("a@example.com", "administrator"), await join("b@example.com", "administrator")];
      const pending = await invite("c@example.com", "administrator");
      expect(await Promise.all([accounts.remove(one.id), accounts.change(two.id, { role: "guard" })])).toContain(
        "last-administrator",
      );
      const left = [await accounts.get(one.id), await accounts.get(two.id)].filter(
        (it) => it?.role === "administrator",
      );
      expect(left).toHaveLength(1);
      expect(await accounts.remove(left[0]?.id ?? "")).toBe("last-administrator");
      expect(await accounts.change(left[0]?.id ?? "", { isDisabled: true })).toBe("last-administrator");
      expect(await accounts.change(left[0]?.id ?? "", { name: "Zoe" })).toBe("changed");
      await accounts.accept(pending.token, { name: "Cleo", password: "hash" });
      expect(await accounts.administratorNames()).toContain("Cleo");
      expect(await accounts.remove(left[0]?.id ?? "")).toBe("changed");
    });

    it("a removed account is named, and nothing else of it is left", async () => {
      const { id } = await join("ann@example.com", "manager");
      const token = await begin(id);
      expect(await accounts.remove(id)).toBe("changed");
      expect([await accounts.get(id), await isLive(token), await accounts.remove(id)]).toEqual([
        null,
        false,
        "unknown",
      ]);
      expect(await accounts.names([id, "key_1", "acc_none"])).toEqual(new Map([[id, "ann"]]));
      expect(await accounts.byEmail("ann@example.com")).toBeNull();
      expect((await accounts.page({ limit: 10, cursor: null })).items).toEqual([]);
      await join("ann@example.com");
    });

    it.each([
      ["the role", { role: "manager" as const }],
      ["the sites", { sites: ["hq"] }],
      ["the boxes", { boxes: ["gate-1"] }],
      ["disabling", { isDisabled: true }],
    ])("a change of %s ends all sessions of the account", async (_, change) => {
      const { id } = await join("ann@example.com");
      const [token, other] = [await begin(id), await begin((await join("bea@example.com")).id)];
      expect(await accounts.change(id, { name: "Anna" })).toBe("changed");
      expect(await isLive(token)).toBe(true);
      expect(await accounts.change(id, change)).toBe("changed");
      expect([await isLive(token), await isLive(other)]).toEqual([false, true]);
      expect(await accounts.get(id)).toMatchObject({ name: "Anna", ...change });
    });

    it("an account tells since when it was not lowered, disabled, or left without a group", async () => {
      await join("bea@example.com", "administrator");
      const { id } = await join("ann@example.com", "administrator");
      /** Whether an act counts. A write whose answer is lost may count twice. */
      const counts = async (act: () => Promise<unknown>) => {
        const before = (await accounts.get(id))?.lowered;
        await act();
        return (await accounts.get(id))?.lowered !== before;
      };
      for (const [change, isCounted] of [
        [{ name: "Anna" }, false],
        [{ role: "manager" }, true],
        [{ sites: ["hq"] }, false],
        [{ role: "administrator" }, false],
        [{ isDisabled: true }, true],
        [{ isDisabled: true }, false],
        [{ isDisabled: false }, false],
      ] as const) {
        expect([change, await counts(() => accounts.change(id, change))]).toEqual([change, isCounted]);
      }
      expect(await counts(() => accounts.endSessions(id))).toBe(false);
      expect(await counts(() => accounts.endSessionsByProvider(id))).toBe(true);
    });

    it("a session ends 12 hours after its last use, and 30 days after its beginning", async () => {
      const { id } = await join("ann@example.com");
      const [rolling, staying] = [await begin(id), await begin(id, true)];
      opened.setClock(noon + idleMs - 1000);
      const session = await sessions.findByToken(rolling);
      if (session !== null) await sessions.noteUse(session);
      opened.setClock(noon + 2 * idleMs - 2000);
      expect([await isLive(rolling), await isLive(staying)]).toEqual([true, true]);
      opened.setClock(noon + 2 * idleMs);
      expect([await isLive(rolling), await isLive(staying)]).toEqual([false, true]);
      opened.setClock(noon + longestMs);
      expect(await isLive(staying)).toBe(false);
    });

    it("sessions are listed by account, and end one by one or all at once", async () => {
      const [ann, bea] = [await join("ann@example.com"), await join("bea@example.com")];
      const tokens = [await begin(ann.id), await begin(ann.id), await begin(bea.id)];
      const ids = (await Promise.all(tokens.map((token) => sessions.findByToken(token)))).map((one) => one?.id ?? "");
      await expect.poll(async () => (await sessions.of(ann.id)).length).toBe(2);
      expect(await sessions.end(ids[0] ?? "", bea.id)).toBe(false);
      expect(await sessions.end(ids[0] ?? "", ann.id)).toBe(true);
      expect(await Promise.all(tokens.map(isLive))).toEqual([false, true, true]);
      expect(await accounts.endSessions(ann.id)).toBe(true);
      expect(await Promise.all(tokens.map(isLive))).toEqual([false, false, true]);
      expect(await sessions.of(ann.id)).toEqual([]);
    });

    it("a session sees the present boxes of its sites, by either form of its token", async () => {
      const { id } = await join("ann@example.com");
      await accounts.change(id, { sites: ["hq"], boxes: ["gate-9"] });
      const token = await begin(id);
      boxesOf.set("hq", ["gate-1", "gate-9"]);
      expect((await sessions.findByToken(token))?.boxes).toEqual(["gate-1", "gate-9"]);
      boxesOf.set("hq", []);
      const viewers = new Viewers({ keys: { find: async () => null }, sessions });
      expect(await viewers.find(hashToken(token))).toMatchObject({ id, boxes: ["gate-9"] });
      expect(await viewers.find(hashToken("gps_other"))).toBeNull();
    });

    it("a session is fresh for 15 minutes after its beginning, and after each proof of its person", async () => {
      const [ann, bea] = [await join("ann@example.com"), await join("bea@example.com")];
      const token = await begin(ann.id);
      const read = async () => (await sessions.findByToken(token)) ?? expect.fail("the session has ended");
      const isFreshAt = async (time: number) => {
        opened.setClock(time);
        return sessions.isFresh(await read());
      };
      const end = noon + freshMs;
      expect([await isFreshAt(end - 1), await isFreshAt(end), await isFreshAt(noon)]).toEqual([true, false, true]);
      opened.setClock(end);
      const { id } = await read();
      expect([await sessions.prove(id, bea.id), await sessions.prove("ses_unknown", ann.id)]).toEqual([false, false]);
      expect(sessions.isFresh(await read())).toBe(false);
      expect(await sessions.prove(id, ann.id)).toBe(true);
      expect([await isFreshAt(end + freshMs - 1), await isFreshAt(end + freshMs)]).toEqual([true, false]);
      // A clock that was an hour ahead makes no session fresh for an hour.
      expect(await isFreshAt(end - freshMs)).toBe(false);
    });

    it("a company session is fresh from the time that its provider tells, and not from one to come", async () => {
      const account = await join("ann@example.com");
      const freshWith = async (authTime: number) => {
        const { token } = await sessions.begin({ account, with: "company", authTime, stays: false, agent: null });
        const session = await sessions.findByToken(token);
        return session === null ? [] : [session.authTime - noon, sessions.isFresh(session)];
      };
      expect(await freshWith(0)).toEqual([-noon, false]);
      expect(await freshWith(noon - freshMs + 1)).toEqual([1 - freshMs, true]);
      expect(await freshWith(noon + 10 * freshMs)).toEqual([0, true]);
    });

    it("a company session is due for a question to its provider after 15 minutes", async () => {
      const account = await join("ann@example.com");
      const way = { with: "company" as const, authTime: 0, refreshFor: () => "sealed" };
      const asked = { account, ...way, stays: false, agent: null };
      const { token } = await sessions.begin(asked);
      const viewers = new Viewers({ keys: { find: async () => null }, sessions });
      opened.setClock(noon + 15 * 60_000 - 1000);
      expect((await viewers.find(hashToken(token)))?.isDue).toBe(false);
      opened.setClock(noon + 15 * 60_000);
      expect((await viewers.find(hashToken(token)))?.isDue).toBe(true);
      const session = await sessions.findByToken(token);
      expect(session === null ? [] : [await sessions.ask(session), await sessions.ask(session)]).toEqual([true, false]);
      expect((await viewers.find(hashToken(token)))?.isDue).toBe(false);
    });

    it("five failures slow an account down, except at a usual address", async () => {
      const [stranger, home] = [
        { account: "acc_1", address: "203.0.113.9" },
        { account: "acc_1", address: "192.168.1.2" },
      ];
      await tries.succeeded(home);
      for (let n = 0; n < 5; n++) {
        expect(await tries.waitFor(stranger)).toBeNull();
        await tries.failed(stranger);
      }
      expect(await tries.waitFor(stranger)).toBe(1);
      expect(await tries.waitFor({ ...stranger, account: "acc_2" })).toBe(1);
      expect(await tries.waitFor({ ...stranger, address: "203.0.113.10" })).toBe(1);
      expect(await tries.waitFor(home)).toBeNull();
      for (let n = 0; n < 20; n++) await tries.failed(stranger);
      expect(await tries.waitFor(stranger)).toBe(300);
      opened.setClock(opened.clock() + 15 * 60_000);
      expect(await tries.waitFor(stranger)).toBeNull();
    });

    it("waits and proofs go by the machine's clock while the store's stands still, after it was set back", async () => {
      const asked = { account: "acc_1", address: "192.0.2.1" };
      behindMs = 20 * 3_600_000;
      for (let n = 0; n < 20; n++) await tries.failed(asked);
      expect([await tries.waitFor(asked), await tries.begin(asked)]).toEqual([300, 300]);
      const session = await sessions.findByToken(await begin((await join("ann@example.com")).id));
      if (session === null) throw new Error("no session");
      expect(sessions.isFresh(session)).toBe(true);
      behindMs -= 300_000;
      expect(await tries.begin(asked)).toBeNull();
      expect(await tries.waitFor(asked)).toBe(300);
      behindMs -= 10 * 60_000;
      expect(sessions.isFresh(session)).toBe(false);
      expect(await sessions.prove(session.id, session.account?.id ?? "")).toBe(true);
      const proved = await sessions.find(session.tokenHash);
      expect(proved !== null && sessions.isFresh(proved)).toBe(true);
      behindMs += 3_600_000;
      expect(proved !== null && sessions.isFresh(proved)).toBe(false);
    });

    it("a session goes on after it has ended all others, also several times at once", async () => {
      const { id } = await join("ann@example.com");
      const [kept, other] = [await begin(id), await begin(id)];
      const session = await sessions.findByToken(kept);
      if (session?.account == null) throw new Error("no session");
      const { account } = session;
      await Promise.all([1, 2, 3].map(() => accounts.endOtherSessions(session.id, account)));
      expect([await isLive(kept), await isLive(other)]).toEqual([true, false]);
      const later = await begin(id);
      expect([await isLive(kept), await isLive(later)]).toEqual([true, true]);
      await accounts.endOtherSessions(session.id, account);
      expect([await isLive(kept), await isLive(later)]).toEqual([true, false]);
    });

    it("of two sessions that end all others at once, one goes on", async () => {
      const { id } = await join("ann@example.com");
      const tokens = [await begin(id), await begin(id)];
      const found = await Promise.all(tokens.map((token) => sessions.findByToken(token)));
      const ended = await Promise.all(
        found.map((one) => one?.account != null && accounts.endOtherSessions(one.id, one.account)),
      );
      expect(ended.toSorted()).toEqual([false, true]);
      expect(await Promise.all(tokens.map(isLive))).toEqual(ended);
    });

    it.each<[string, (id: string) => Promise<unknown>]>([
      ["all end", (id) => accounts.endSessions(id)],
      ["its account has another role", (id) => accounts.change(id, { role: "manager" })],
      ["its account has a new password", (id) => accounts.setPassword(id, "hash", "other")],
      ["its account has a new link", (id) => accounts.invite(id, "key_1")],
      ["no group gives its account a role", (id) => accounts.endSessionsByProvider(id)],
    ])("a session that ended all others ends once %s, and stays ended", async (_, end) => {
      const { id } = await join("ann@example.com");
      const [kept, other] = [await begin(id), await begin(id)];
      const [session, of] = [await sessions.findByToken(kept), await sessions.findByToken(other)];
      if (session?.account == null || of?.account == null) throw new Error("no session");
      await accounts.endOtherSessions(session.id, session.account);
      await end(id);
      expect(await isLive(kept)).toBe(false);
      for (const { id: ended, account } of [session, of])
        expect(await accounts.endOtherSessions(ended, account)).toBe(false);
      expect([await isLive(kept), await isLive(other)]).toEqual([false, false]);
    });
  });
}
