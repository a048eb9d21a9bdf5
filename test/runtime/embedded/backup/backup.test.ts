import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { newToken } from "@gatepost/core/keys";
import { backUp, examine } from "@gatepost/embedded";
import { describe, expect, it } from "vitest";
import { codeAt } from "../../../support/app-codes.ts";
import { erasePerson } from "../../../support/erase-person.ts";
import { filesWith } from "../../../support/files-with.ts";
import { received } from "../../../support/reports.ts";
import { openedByTests } from "../temporary.ts";
import { eventsOf, modeOf, passing, picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();

/** Overwrites a part of the last picture of a store, or of the one before it. Returns the function that restores it. */
async function damageLast(store: string, { butOne }: { butOne: boolean }): Promise<() => Promise<void>> {
  const [name = ""] = await readdir(join(store, "pictures"));
  const pack = join(store, "pictures", name);
  const bytes = await readFile(pack);
  await writeFile(pack, Buffer.from(bytes).fill(0, ...(butOne ? [0, 200] : [bytes.length - 200])), { flag: "r+" });
  return () => writeFile(pack, bytes, { flag: "r+" });
}

describe("a backup", () => {
  it("has every report that a store in use acknowledged before", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2, 3]) await store.pass(number);
    await store.post("no JSON");
    await writeFile(join(store.path, "rules.json"), `{"rules":[]}`);
    const made = await backUp(store, "copy");
    expect(made).toMatchObject({ events: 3, pictures: 3, damaged: 0, erasedMeanwhile: 0 });
    await store.pass(4);
    expect(await restore("copy", "again")).toMatchObject({ events: 3, pictures: 3, quarantine: 1, missing: [] });
    const again = await open("again", store.token);
    expect(await eventsOf(again.runtime)).toEqual(
      (await eventsOf(store.runtime)).filter((event) => event.person.id !== "person-4"),
    );
    expect(await picturesIn(again.runtime)).toEqual(["person-1", "person-2", "person-3"]);
    expect(await readFile(join(again.path, "rules.json"), "utf8")).toBe(`{"rules":[]}`);
    expect((await again.runtime.reads.quarantine.list(null, { limit: 9, cursor: null })).items).toHaveLength(1);
  });

  it("has its reports once when boxes send them again, and can be continued", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2]) await store.pass(number);
    await backUp(store, "copy");
    await restore("copy", "again");
    const again = await open("again", store.token);
    for (const number of [1, 2, 3]) expect(await again.post(passing(number))).toBe(200);
    expect(await again.ids()).toHaveLength(3);
    const actions = await again.runtime.reads.actionReader.list({}, { limit: 9, cursor: null });
    expect(actions.items).toHaveLength(1);
    expect(await picturesIn(again.runtime)).toHaveLength(3);
  });

  it("is readable by its owner only, without first keys and server token", async () => {
    const { open, place, backUp, restore } = await stores(closers);
    const store = await open("store");
    await store.pass(1);
    const secret = newToken("admin");
    for (const name of ["first-keys.json", "server.json"]) await writeFile(join(store.path, name), secret);
    await backUp(store, "copy");
    const before = process.umask(0o022);
    await restore("copy", "again").finally(() => process.umask(before));
    const found = await examine(place("again"), { isDeep: false });
    expect(found.filter(({ check }) => check === "permissions")).toMatchObject([{ state: "ok" }]);
    const files = await readdir(place("copy"), { recursive: true, withFileTypes: true });
    const modes = files.map((file) => modeOf(join(file.parentPath, file.name)));
    expect(new Set(await Promise.all(modes))).toEqual(new Set(["600", "700"]));
    for (const folder of ["again", "copy"]) expect(await filesWith(secret, place(folder))).toEqual([]);
    expect(await modeOf(place("again"))).toBe("700");
  });

  it("of another host counts the people whose passkeys are all elsewhere", async () => {
    const { open } = await stores(closers);
    const store = await open("store");
    const passkey = (host: string, pendingUntil: number | null = null) => ({ kind: "passkey", host, pendingUntil });
    const code = { kind: "code", sealedBy: "x", pendingUntil: null };
    using database = new DatabaseSync(store.runtime.folder.database);
    const add = database.prepare("INSERT INTO items (pk, item) VALUES (?, ?)");
    const put = (n: number, ...factors: object[]) =>
      add.run(`factors acc_${`${n}`.repeat(18)}`, JSON.stringify({ factors: JSON.stringify(factors), rev: "1" }));
    put(1, passkey("gate.example.com"), { kind: "recovery" });
    put(2, passkey("gate.example.com"), passkey("localhost"));
    put(3, passkey("gate.example.com"), code);
    put(4, passkey("gate.example.com", 1), { kind: "recovery" });
    put(5, passkey("localhost"));
    const elsewhere = `acc_${"1".repeat(18)}`;
    expect(store.runtime.passkeysElsewhere()).toEqual([elsewhere]);
    const ofDoctor = async (passkeyHost?: string) =>
      (await examine(store.path, { isDeep: false, passkeyHost })).filter(({ check }) => check === "keys");
    expect(await ofDoctor("localhost")).toMatchObject([
      ...(await ofDoctor()),
      { state: "wrong", said: expect.stringMatching(`passkeys of another host only: ${elsewhere}$`) },
    ]);
  });

  it("has no oidc.json: the restore counts the people of the company, unless the console has its settings", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    using other = new DatabaseSync(join(store.path, "gatepost.db"), { timeout: 5000 });
    const put = (pk: string, item: object) =>
      other.prepare("INSERT INTO items (pk, at, item) VALUES (?, '', ?)").run(pk, JSON.stringify(item));
    const account = { role: "guard", createdAt: 1, epoch: 1 };
    put(`acc_${"1".repeat(18)}`, { ...account, issuer: "https://id.example.com", subject: "1" });
    put(`acc_${"2".repeat(18)}`, { ...account, issuer: "https://id.example.com", subject: "2", removedAt: 2 });
    put(`acc_${"3".repeat(18)}`, { ...account, password: "hash" });
    await backUp(store, "copy");
    expect(await restore("copy", "again")).toMatchObject({ lostCompany: 1 });
    put("company", { settings: "{}", rev: 1 });
    await backUp(store, "copy");
    expect(await restore("copy", "once more")).toMatchObject({ lostCompany: 0 });
  });

  it("has no key of codes: the restore and the doctor count the people whose codes are lost", async () => {
    const { open, place, backUp, restore } = await stores(closers);
    const store = await open("store");
    const { factors } = store.runtime.reads;
    const account = `acc_${"1".repeat(18)}`;
    const { id, secret } = await factors.addCode({ id: account, label: "Ann" }, "Phone");
    const code = codeAt(secret, store.runtime.storeClock.now());
    expect(await factors.confirmCode(account, id, code)).toBe("confirmed");
    const { codes } = await factors.addRecovery(account);
    const file = join(store.path, "factors.key");
    const key = await readFile(file, "utf8");
    expect(await modeOf(file)).toBe("600");
    await backUp(store, "copy");
    expect(await restore("copy", "again")).toMatchObject({ lostCodes: 1, lostCodesOf: [account] });
    for (const text of [key.trim(), secret, ...codes])
      for (const folder of ["copy", "again"]) expect(await filesWith(text, place(folder))).toEqual([]);
    const lost = async () =>
      (await examine(place("again"), { isDeep: false })).filter(({ said }) => said.includes("factors.key"));
    expect(await lost()).toMatchObject([{ check: "keys", state: "wrong", said: expect.stringContaining("1 account") }]);
    await writeFile(join(place("again"), "factors.key"), "damaged", { mode: 0o600 });
    expect(await lost()).toHaveLength(1);
    await writeFile(join(place("again"), "factors.key"), key, { mode: 0o600 });
    expect(await lost()).toEqual([]);
    const again = await open("again", store.token);
    expect(await again.runtime.reads.factors.needs(account)).toEqual(["code", "recovery"]);
    await writeFile(join(again.path, "factors.key"), "damaged");
    await expect(again.runtime.reads.factors.addCode({ id: account, label: "Ann" }, "Tablet")).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("put back the one of this store"),
    });
    await rm(join(again.path, "factors.key"));
    const bo = `acc_${"2".repeat(18)}`;
    await again.runtime.reads.factors.addCode({ id: bo, label: "Bo" }, "Phone");
    await rm(join(again.path, "factors.key"));
    expect(await lost()).toMatchObject([{ said: expect.stringContaining("1 account") }]);
    const added = await again.runtime.reads.factors.addCode({ id: account, label: "Ann" }, "Tablet");
    const first = codeAt(added.secret, again.runtime.storeClock.now());
    expect(await again.runtime.reads.factors.confirmCode(account, added.id, first)).toBe("confirmed");
    expect(await lost()).toEqual([]);
  });
});

describe("a backup that is brought up to date", () => {
  it("copies only new data, and is complete", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2, 3]) await store.pass(number);
    expect(await backUp(store, "copy")).toMatchObject({ copied: { pictures: 3 } });
    expect(await backUp(store, "copy")).toMatchObject({ copied: { pictures: 0, bytes: 0 } });
    await store.pass(4);
    expect(await backUp(store, "copy")).toMatchObject({ pictures: 4, copied: { pictures: 1 } });
    await restore("copy", "again");
    expect(await picturesIn((await open("again")).runtime)).toHaveLength(4);
  });

  it("contains no byte of data erased since the previous backup", async () => {
    const { open, place, backUp, restore } = await stores(closers);
    const store = await open("store");
    const first = await store.pass(1, "gone-by-event");
    await store.pass(2, "gone-by-person");
    await store.pass(3, "stays");
    await backUp(store, "copy");
    await store.runtime.eraser.eraseEvent(first);
    await erasePerson(store.runtime.eraser, "gone-by-person", null);
    const before = await filesWith("gone-by-", place("copy"));
    expect(before).not.toEqual([]);
    await backUp(store, "copy");
    expect(await filesWith("gone-by-", place("copy"))).toEqual([]);
    const shown = await Promise.all([1, 2, 3].map((number) => filesWith(`face ${number}`, place("copy"))));
    expect(shown.map((files) => files.length > 0)).toEqual([false, false, true]);
    await restore("copy", "again");
    const again = await open("again", store.token);
    expect(await picturesIn(again.runtime)).toEqual(["stays"]);
    expect(await again.post(passing(1, "gone-by-event"))).toBe(200);
    expect(await again.post(passing(2, "gone-by-person"))).toBe(200);
    expect(await again.ids()).toHaveLength(1);
  });

  it("keeps the pictures that the store has lost, and brings them back", async () => {
    const { open, place, backUp, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2]) await store.pass(number);
    await backUp(store, "copy");
    const [pack = ""] = await readdir(join(store.path, "pictures"));
    await truncate(join(store.path, "pictures", pack), 100);
    await store.reopen();
    expect(await picturesIn(store.runtime)).toEqual([]);
    const flaggedIn = async ({ runtime }: typeof store) => {
      await runtime.lostPictures.flag();
      return (await eventsOf(runtime)).filter(({ flags }) => flags.includes("picture-lost:face")).length;
    };
    expect(await flaggedIn(store)).toBe(2);
    await backUp(store, "copy");
    await restore("copy", "again");
    const again = await open("again");
    expect(await flaggedIn(again)).toBe(0);
    expect(await picturesIn(again.runtime)).toEqual(["person-1", "person-2"]);
    await store.pass(3);
    await expect(backUp(store, "copy")).rejects.toThrow(/has lost pictures of .* that .* still has/);
    await restore("copy", "still");
    expect(await picturesIn((await open("still")).runtime)).toEqual(["person-1", "person-2"]);
    expect(await readdir(place("copy"))).toContain("backup.json");
    // The new picture begins in the place of the first one and ends in the place of the second, the only whole one
    // here.
    await damageLast(place("copy"), { butOne: true });
    await expect(backUp(store, "copy")).rejects.toThrow(/has lost pictures of .* that .* still has/);
    // As the error advises: a new folder has nothing to lose.
    expect(await backUp(store, "other")).toMatchObject({ pictures: 3, copied: { pictures: 1 } });
    await store.pass(4);
    expect(await backUp(store, "other")).toMatchObject({ pictures: 4, copied: { pictures: 1 } });
    await restore("other", "of-other");
    expect(await picturesIn((await open("of-other")).runtime)).toEqual(["person-3", "person-4"]);
  });

  it.each(["person-1", "person-2"])("reports the damaged picture of %s, and restores the others", async (damaged) => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2]) await store.pass(number);
    await damageLast(store.path, { butOne: damaged === "person-1" });
    expect(await backUp(store, "copy")).toMatchObject({ pictures: 2, damaged: 1, copied: { pictures: 1 } });
    expect((await restore("copy", "again")).missing).toHaveLength(1);
    const again = await open("again");
    await again.runtime.lostPictures.flag();
    const flagged = (await eventsOf(again.runtime)).filter(({ flags }) => flags.includes("picture-lost:face"));
    expect(flagged.map(({ person }) => person.id)).toEqual([damaged]);
  });

  it("has a picture that was damaged before, after its bytes are put back", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2]) await store.pass(number);
    const putBack = await damageLast(store.path, { butOne: false });
    expect(await backUp(store, "copy")).toMatchObject({ damaged: 1 });
    await putBack();
    expect(await backUp(store, "copy")).toMatchObject({ damaged: 0, copied: { pictures: 1 } });
    expect(await restore("copy", "again")).toMatchObject({ pictures: 2, missing: [] });
  });

  it("is complete by its manifest, and its packs have the stated lengths", async () => {
    const { open, place, backUp } = await stores(closers);
    const store = await open("store");
    const events = [await store.pass(1), await store.pass(2), await store.pass(3)];
    await backUp(store, "copy");
    await store.runtime.eraser.eraseEvent(events.at(-1) ?? "");
    await damageLast(store.path, { butOne: true });
    await backUp(store, "copy");
    const { state, packs } = JSON.parse(await readFile(join(place("copy"), "backup.json"), "utf8"));
    const [{ month, bytes }] = packs;
    expect([state, packs.length]).toEqual(["whole", 1]);
    expect((await stat(join(place("copy"), "pictures", `${month}.pack`))).size).toBe(bytes);
  });

  it("refuses other folders, other stores, other versions and damaged backups", async () => {
    const { open, place, backUp } = await stores(closers);
    const [store, other] = [await open("store"), await open("other")];
    await store.pass(1);
    await backUp(store, "copy");
    await expect(backUp(other, "copy")).rejects.toThrow(/of another store/);
    await expect(backUp(store, "other")).rejects.toThrow(/other files in it/);
    const manifest = join(place("copy"), "backup.json");
    const good = await readFile(manifest, "utf8");
    await writeFile(manifest, JSON.stringify({ ...JSON.parse(good), version: 2 }));
    await expect(backUp(store, "copy")).rejects.toThrow(/newer Gatepost/);
    await writeFile(manifest, good);
    const { database } = JSON.parse(good) as { database: { name: string } };
    await truncate(join(place("copy"), database.name), 8192);
    await expect(backUp(store, "copy")).rejects.toThrow(/damaged/);
    await writeFile(place("file"), "");
    for (const name of ["file", "copy.tar"])
      await expect(backUp(store, name)).rejects.toThrow(
        /be a file, and a backup is a folder: name a folder; `tar` packs/,
      );
    await rm(manifest);
    await expect(backUp(store, "copy")).resolves.toMatchObject({ copied: { pictures: 1 } });
  });

  it("is complete, and another backup into its folder at the same time is refused", async () => {
    const { open, place, backUp: back, restore } = await stores(closers);
    const store = await open("store");
    for (const number of [1, 2, 3]) await store.pass(number);
    let second: Promise<unknown> | null = null;
    const onProgress = () => {
      second ??= expect(back(store, "copy")).rejects.toThrow(/another backup into .* is under way/);
    };
    await backUp({ data: store.path, to: place("copy"), clock: () => received, onProgress });
    await second;
    expect(second).not.toBeNull();
    expect(await restore("copy", "again")).toMatchObject({ pictures: 3, missing: [] });
  });
});
