import { hashToken, KeyedBoxes, keyIdOf, newToken } from "@gatepost/core/keys";
import { present } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeysOfTest } from "../support/memory/keys.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

/** Keys, on any driver of the record store. */
export function keysContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps keys:`, () => {
    let opened: OpenedItems;
    let deps: KeysOfTest;
    let boxesOf: Map<string, string[]>;
    beforeEach(async () => {
      opened = await open();
      boxesOf = new Map();
      const sites = { boxesOf: async (site: string) => boxesOf.get(site) ?? [] };
      deps = new KeysOfTest({ items: opened.items, sites, clock: opened.clock });
    });
    afterEach(() => opened.close());

    const create = async (box: string) => {
      const token = newToken("ingest");
      return { token, key: await deps.admin.create({ scope: "ingest", box, tokenHash: hashToken(token) }) };
    };

    it("finds a key by the hash of its token alone", async () => {
      const { token, key } = await create("gate-1");
      expect(await deps.finder.find(hashToken(token))).toEqual({ id: key.id, scope: "ingest", box: "gate-1" });
      expect(await deps.finder.find(hashToken(newToken("ingest")))).toBeNull();
      expect(await deps.finder.find(token)).toBeNull();
    });

    it("writes nothing when a key is looked up, and lists its last use", async () => {
      const { token, key } = await create("gate-1");
      const lastUsed = async () => (await deps.admin.list())[0]?.lastUsedAt;
      await deps.finder.find(hashToken(token));
      expect(await lastUsed()).toBeNull();
      await deps.finder.noteUse(key);
      await expect.poll(lastUsed).toBe(new Date(noon).toISOString());
    });

    it("does not note the use of an unknown key", async () => {
      await create("gate-1");
      await deps.finder.noteUse({ id: "key_unknown", scope: "read", box: null });
      expect(await deps.admin.list()).toMatchObject([{ lastUsedAt: null }]);
    });

    it("does not find a key that is broken, and names it", async () => {
      const { token, key } = await create("gate-1");
      await opened.items.write({ pk: key.id, set: { scope: "root" }, when: present() });
      const fault = `${key.id} is not as this version stores it: scope: invalid_value`;
      await expect(deps.finder.find(hashToken(token))).rejects.toThrow(fault);
    });

    it("keeps several live keys of one box, so that one can replace another", async () => {
      const [old, next] = [await create("gate-1"), await create("gate-1")];
      expect(await deps.admin.revoke(old.key.id)).toBe(true);
      expect(await deps.finder.find(hashToken(next.token))).toMatchObject({ box: "gate-1" });
    });

    it("lists keys page by page, the oldest first, even if made at once", async () => {
      const made: string[] = [];
      for (let at = 0; at < 7; at++) {
        opened.setClock(noon + Math.floor(at / 3));
        made.push((await create(`gate-${at}`)).key.id);
      }
      await deps.finder.noteUse({ id: made[4] ?? "", scope: "ingest", box: "gate-4" });
      const seen = [];
      let [cursor, pages]: [string | null, number] = [null, 0];
      do {
        const { items, next } = await deps.admin.page({ limit: 3, cursor });
        // A key that is made meanwhile is the last one.
        if (pages++ === 0) made.push((await create("late")).key.id);
        seen.push(...items);
        cursor = next;
      } while (cursor !== null);
      expect(seen).toEqual(await deps.admin.list());
      expect([pages, seen.map(({ id }) => id).toSorted()]).toEqual([3, made.toSorted()]);
    });

    it("does not find a revoked key, lists when it was revoked, and keeps that time", async () => {
      const { token, key } = await create("gate-1");
      expect(await deps.admin.revoke(key.id)).toBe(true);
      expect(await deps.finder.find(hashToken(token))).toBeNull();
      const [listed] = await deps.admin.list();
      expect(listed?.revokedAt).toMatch(/^\d{4}-/);
      await deps.admin.revoke(key.id);
      expect((await deps.admin.list())[0]?.revokedAt).toBe(listed?.revokedAt);
    });

    it("returns false if there is no such key to revoke", async () => {
      expect(await deps.admin.revoke("key_unknown")).toBe(false);
    });

    it("keeps the person, the end and the boxes of a key", async () => {
      const token = newToken("read");
      const wanted = { scope: "read" as const, box: null, boxes: ["gate-1", "门-2"], expiresAt: noon + 1 };
      const { id } = await deps.admin.create({ ...wanted, note: "guard desk", tokenHash: hashToken(token) });
      expect(await deps.finder.find(hashToken(token))).toEqual({ id, ...wanted, note: "guard desk" });
      expect(await deps.admin.list()).toMatchObject([
        { id, note: "guard desk", boxes: ["gate-1", "门-2"], expiresAt: new Date(noon + 1).toISOString() },
      ]);
    });

    it("finds a key to a site with the boxes that the site has", async () => {
      boxesOf.set("east", ["gate-1", "gate-2"]);
      const [token, other] = [newToken("read"), newToken("read")];
      const wanted = { scope: "read" as const, box: null };
      const { id } = await deps.admin.create({ ...wanted, site: "east", tokenHash: hashToken(token) });
      await deps.admin.create({ ...wanted, site: "nowhere", tokenHash: hashToken(other) });
      expect(await deps.finder.find(hashToken(token))).toEqual({
        id,
        ...wanted,
        site: "east",
        boxes: ["gate-1", "gate-2"],
      });
      expect(await deps.finder.find(hashToken(other))).toMatchObject({ boxes: [] });
      expect((await deps.admin.list()).map(({ site, boxes }) => [site, boxes]).toSorted()).toEqual([
        ["east", undefined],
        ["nowhere", undefined],
      ]);
    });

    it("does not find a key that has ended, also one that it found before", async () => {
      const [over, later] = [newToken("read"), newToken("read")];
      const create = (token: string, expiresAt: number) =>
        deps.admin.create({ scope: "read", box: null, tokenHash: hashToken(token), expiresAt });
      await create(over, noon);
      await create(later, noon + 1000);
      expect(await deps.finder.find(hashToken(over))).toBeNull();
      expect(await deps.finder.find(hashToken(later))).not.toBeNull();
      opened.setClock(noon + 1000);
      expect(await deps.finder.find(hashToken(later))).toBeNull();
    });

    it("says why it finds no key", async () => {
      const { token, key } = await create("gate-1");
      const over = newToken("read");
      await deps.admin.create({ scope: "read", box: null, tokenHash: hashToken(over), expiresAt: noon });
      await deps.admin.revoke(key.id);
      expect(await deps.admin.faultOf(hashToken(token))).toBe("revoked");
      expect(await deps.admin.faultOf(hashToken(over))).toBe("expired");
      expect(await deps.admin.faultOf(hashToken(newToken("read")))).toBe("unknown");
    });

    it("finds the digest of a key by its id, also of a revoked one", async () => {
      const { token, key } = await create("gate-1");
      await deps.admin.revoke(key.id);
      expect(await deps.admin.hashOf(key.id)).toBe(hashToken(token));
      for (const id of ["key_none", "audit", `${key.id} x`]) expect(await deps.admin.hashOf(id)).toBeNull();
    });

    it("lists keys without any data by which a token could be found", async () => {
      const { token } = await create("gate-1");
      const listed = JSON.stringify(await deps.admin.list());
      expect(listed).not.toContain(token);
      expect(listed).not.toContain(hashToken(token));
    });

    it("makes one key for a token", async () => {
      const { token } = await create("gate-1");
      const again = deps.admin.create({ scope: "admin", box: null, tokenHash: hashToken(token) });
      await expect(again).rejects.toThrow("there is a key for this token already");
      expect(await deps.finder.find(hashToken(token))).toMatchObject({ scope: "ingest", box: "gate-1" });
    });

    it("keeps the limits of a key", async () => {
      const tokenHash = hashToken(newToken("ingest"));
      const limits = { rate: { perSecond: 0.5, burst: 3 }, dailyBytes: 1000 };
      const { id } = await deps.admin.create({ scope: "ingest", box: "gate-1", tokenHash, ...limits });
      expect(await deps.finder.find(tokenHash)).toMatchObject(limits);
      await deps.finder.noteUse({ id, scope: "ingest", box: "gate-1" });
      expect(await deps.admin.list()).toMatchObject([{ id, ...limits, lastUsedAt: new Date(noon).toISOString() }]);
    });

    it("notes a use again after an hour, or after a clock step back", async () => {
      const { key } = await create("gate-1");
      const useAt = async (time: number) => {
        opened.setClock(time);
        await deps.finder.noteUse(key);
        return Date.parse((await deps.admin.list())[0]?.lastUsedAt ?? "");
      };
      const hour = 60 * 60_000;
      await useAt(noon);
      expect(await useAt(noon + hour - 1)).toBe(noon);
      expect(await useAt(noon + hour)).toBe(noon + hour);
      expect(await useAt(noon + 1)).toBe(noon + hour);
      expect(await useAt(noon)).toBe(noon);
    });

    describe("a key of another store", () => {
      const taken = {
        id: "key_elsewhere",
        scope: "read" as const,
        box: null,
        createdAt: noon - 5000,
        lastUsedAt: null,
      };
      const tokenHash = hashToken("gpr_of-another-store");

      it("is stored with its time, under the id of its token", async () => {
        await create("gate-1");
        const key = { ...taken, tokenHash, revokedAt: null, note: "desk" };
        expect(await deps.admin.take(key)).toBe("made");
        expect(await deps.admin.take(key)).toBe("known");
        const found = { id: keyIdOf(tokenHash), scope: "read", box: null, note: "desk" };
        expect(await deps.finder.find(tokenHash)).toEqual(found);
        const createdAt = new Date(noon - 5000).toISOString();
        expect((await deps.admin.list())[0]).toMatchObject({ id: keyIdOf(tokenHash), note: "desk", createdAt });
      });

      it("is revoked if it is revoked there, before or after it is stored", async () => {
        const before = hashToken("gpr_revoked-before");
        expect(await deps.admin.take({ ...taken, tokenHash: before, revokedAt: noon - 9 })).toBe("made");
        expect(await deps.admin.faultOf(before)).toBe("revoked");
        await deps.admin.take({ ...taken, tokenHash, revokedAt: null });
        expect(await deps.admin.take({ ...taken, tokenHash, revokedAt: noon - 9 })).toBe("known");
        expect(await deps.finder.find(tokenHash)).toBeNull();
      });

      it("is not stored if another key has its id", async () => {
        const other = { tokenHash: "another", scope: "admin", createdAt: noon };
        await opened.items.write({ pk: keyIdOf(tokenHash), set: other });
        expect(await deps.admin.take({ ...taken, tokenHash, revokedAt: noon })).toBe("conflict");
        expect(await deps.finder.find(tokenHash)).toBeNull();
        expect(await opened.items.get(keyIdOf(tokenHash))).toMatchObject(other);
      });
    });

    it("names the boxes that have a live key", async () => {
      const keyed = new KeyedBoxes({ items: opened.items, clock: opened.clock, knownForMs: 10_000 });
      const { key } = await create("gate-1");
      await expect.poll(() => keyed.has("gate-1")).toBe(true);
      await create("gate-2");
      await expect.poll(() => keyed.has("gate-2")).toBe(true);
      await deps.admin.create({ scope: "read", box: null, tokenHash: "ab" });
      await deps.admin.revoke(key.id);
      opened.setClock(noon + 10_000);
      await expect.poll(async () => [...(await keyed.all())]).toEqual(["gate-2"]);
    });
  });
}
