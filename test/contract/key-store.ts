import { hashToken, type KeyStore, newToken } from "@gatepost/ingest";
import type { KeyAdmin } from "@gatepost/query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface KeysUnderTest {
  keys: KeyStore & KeyAdmin;
  /** The time by the store's clock when the test begins, ms. */
  now: number;
  setClock(now: number): void;
  /** Sets the site of a box, or takes the box out of its site. */
  setSite(box: string, site: string | null): Promise<void>;
  close(): Promise<void>;
}

/** What every key store promises. */
export function keyStoreContract(name: string, open: () => Promise<KeysUnderTest>): void {
  describe(`${name} keeps the promises of a key store:`, () => {
    let deps: KeysUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    const create = async (box: string) => {
      const token = newToken("ingest");
      return { token, key: await deps.keys.create({ scope: "ingest", box, tokenHash: hashToken(token) }) };
    };

    it("finds a key by the hash of its token alone", async () => {
      const { token, key } = await create("gate-1");
      expect(await deps.keys.find(hashToken(token))).toEqual({ id: key.id, scope: "ingest", box: "gate-1" });
      expect(await deps.keys.find(hashToken(newToken("ingest")))).toBeNull();
      expect(await deps.keys.find(token)).toBeNull();
    });

    it("writes nothing when a key is looked up, and lists when it was used last", async () => {
      const { token, key } = await create("gate-1");
      const lastUsed = async () => (await deps.keys.list())[0]?.lastUsedAt;
      await deps.keys.find(hashToken(token));
      expect(await lastUsed()).toBeNull();
      await deps.keys.noteUse(key);
      await expect.poll(lastUsed).toBe(new Date(deps.now).toISOString());
    });

    it("notes the use of no key that is not there", async () => {
      await create("gate-1");
      await deps.keys.noteUse({ id: "key_unknown", scope: "read", box: null });
      expect(await deps.keys.list()).toMatchObject([{ lastUsedAt: null }]);
    });

    it("holds several live keys of one box, so that one can be changed for another", async () => {
      const [old, next] = [await create("gate-1"), await create("gate-1")];
      expect(await deps.keys.revoke(old.key.id)).toBe(true);
      expect(await deps.keys.find(hashToken(next.token))).toMatchObject({ box: "gate-1" });
    });

    it("lists keys page by page, the oldest first, also where several were made at once", async () => {
      const made: string[] = [];
      for (let at = 0; at < 7; at++) {
        deps.setClock(deps.now + Math.floor(at / 3));
        made.push((await create(`gate-${at}`)).key.id);
      }
      await deps.keys.noteUse({ id: made[4] ?? "", scope: "ingest", box: "gate-4" });
      const seen = [];
      let [cursor, pages]: [string | null, number] = [null, 0];
      do {
        const { items, next } = await deps.keys.page({ limit: 3, cursor });
        // What is made meanwhile comes last.
        if (pages++ === 0) made.push((await create("late")).key.id);
        seen.push(...items);
        cursor = next;
      } while (cursor !== null);
      expect(seen).toEqual(await deps.keys.list());
      expect([pages, seen.map(({ id }) => id).toSorted()]).toEqual([3, made.toSorted()]);
      await expect(deps.keys.page({ limit: 3, cursor: "elsewhere" })).rejects.toMatchObject({ kind: "bad-request" });
    });

    it("does not find a revoked key, lists when it was revoked, and keeps that time", async () => {
      const { token, key } = await create("gate-1");
      expect(await deps.keys.revoke(key.id)).toBe(true);
      expect(await deps.keys.find(hashToken(token))).toBeNull();
      const [listed] = await deps.keys.list();
      expect(listed?.revokedAt).toMatch(/^\d{4}-/);
      await deps.keys.revoke(key.id);
      expect((await deps.keys.list())[0]?.revokedAt).toBe(listed?.revokedAt);
    });

    it("says so where there is no such key to revoke", async () => {
      expect(await deps.keys.revoke("key_unknown")).toBe(false);
    });

    it("keeps whom a key is for, when it ends and the boxes that it sees", async () => {
      const token = newToken("read");
      const wanted = { scope: "read" as const, box: null, boxes: ["gate-1", "门-2"], expiresAt: deps.now + 1 };
      const { id } = await deps.keys.create({ ...wanted, note: "guard desk", tokenHash: hashToken(token) });
      expect(await deps.keys.find(hashToken(token))).toEqual({ id, ...wanted });
      expect(await deps.keys.list()).toMatchObject([
        { id, note: "guard desk", boxes: ["gate-1", "门-2"], expiresAt: new Date(deps.now + 1).toISOString() },
      ]);
    });

    it("finds a key to a site with the boxes that the site has", async () => {
      for (const [box, site] of [
        ["gate-2", "east"],
        ["gate-1", "east"],
        ["gate-3", "西门"],
      ] as const)
        await deps.setSite(box, site);
      const token = newToken("read");
      const make = (name: string) =>
        deps.keys.create({
          scope: "read",
          box: null,
          site: name,
          tokenHash: hashToken(name === "east" ? token : name),
        });
      const { id } = await make("east");
      const seen = async (tokenHash: string) =>
        [...((await deps.keys.find(tokenHash))?.boxes ?? ["nothing"])].toSorted();
      await expect.poll(() => seen(hashToken(token))).toEqual(["gate-1", "gate-2"]);
      expect(await deps.keys.list()).toMatchObject([{ id, site: "east" }]);
      await make("nowhere");
      expect(await seen(hashToken("nowhere"))).toEqual([]);
      await deps.setSite("gate-1", null);
      await deps.setSite("gate-3", "east");
      let now = deps.now;
      const seenLater = () => {
        now += 60_000;
        deps.setClock(now);
        return seen(hashToken(token));
      };
      await expect.poll(seenLater).toEqual(["gate-2", "gate-3"]);
    });

    it("does not find a key that has ended, also one that it found before", async () => {
      const [over, later] = [newToken("read"), newToken("read")];
      const create = (token: string, expiresAt: number) =>
        deps.keys.create({ scope: "read", box: null, tokenHash: hashToken(token), expiresAt });
      await create(over, deps.now);
      await create(later, deps.now + 1000);
      expect(await deps.keys.find(hashToken(over))).toBeNull();
      expect(await deps.keys.find(hashToken(later))).not.toBeNull();
      deps.setClock(deps.now + 1000);
      expect(await deps.keys.find(hashToken(later))).toBeNull();
    });

    it("says why it finds no key", async () => {
      const { token, key } = await create("gate-1");
      const over = newToken("read");
      await deps.keys.create({ scope: "read", box: null, tokenHash: hashToken(over), expiresAt: deps.now });
      await deps.keys.revoke(key.id);
      expect(await deps.keys.faultOf(hashToken(token))).toBe("revoked");
      expect(await deps.keys.faultOf(hashToken(over))).toBe("expired");
      expect(await deps.keys.faultOf(hashToken(newToken("read")))).toBe("unknown");
    });

    it("lists keys without anything a token could be found by", async () => {
      const { token } = await create("gate-1");
      const listed = JSON.stringify(await deps.keys.list());
      expect(listed).not.toContain(token);
      expect(listed).not.toContain(hashToken(token));
    });
  });
}
