import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { examine, type Finding, repair, shipTo } from "@gatepost/embedded";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PackSource } from "../../../../packages/embedded/src/backup/packs.ts";
import { addFunctions } from "../../../../packages/embedded/src/db/functions.ts";
import { schema } from "../../../../packages/embedded/src/db/schema.ts";
import { freePort } from "../../../standins/listen.ts";
import { pemOf } from "../../../support/certificates.ts";
import { erasePerson } from "../../../support/erase-person.ts";
import { received } from "../../../support/reports.ts";
import { openedByTests } from "../temporary.ts";
import { eventsOf, MemoryBucket, passing, picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();
afterEach(() => vi.restoreAllMocks());

async function closedStore() {
  const here = await stores(closers);
  const store = await here.open("store");
  for (const number of [1, 2, 3]) await store.pass(number);
  const month = new Date(received).toISOString().slice(0, 7);
  await store.close();
  const file = (name: string) => join(store.path, name);
  const look = (isDeep = false, now = received) => examine(store.path, { isDeep, now: () => now });
  const wrong = async (isDeep = false, now = received) => badOf(await look(isDeep, now));
  const mended = async (isDeep = false) => {
    await repair(store.path);
    return badOf(await look(isDeep)).filter(({ state }) => state === "wrong");
  };
  return { ...here, store, file, pack: file(`pictures/${month}.pack`), look, wrong, mended };
}

/** The findings that are not ok, without the disk of the machine that runs the tests. */
function badOf(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ state, said }) => state !== "ok" && !/ are free$|no room is reserved/.test(said));
}

describe("the doctor", () => {
  it("finds nothing wrong in a good store, closed or served, and changes nothing", async () => {
    const { look, wrong, store, place, file } = await closedStore();
    await cp(store.path, place("before"), { recursive: true });
    expect(await wrong(true)).toEqual([]);
    expect((await look()).map(({ check }) => check)).toEqual(
      expect.arrayContaining(["permissions", "disk", "database", "pictures", "clock", "targets"]),
    );
    expect(existsSync(file("doctor.probe"))).toBe(false);
    await store.reopen();
    await store.pass(4);
    expect(await wrong(true)).toEqual([]);
  });

  it("says once that another user owns the folder, and names that user", async () => {
    const { wrong } = await closedStore();
    const uid = process.getuid?.() ?? 0;
    vi.spyOn(process, "getuid").mockReturnValue(uid + 1);
    expect((await wrong()).filter(({ check }) => check === "permissions")).toEqual([
      {
        check: "permissions",
        state: "wrong",
        said: `the folder belongs to another user (uid ${uid})`,
        todo: `run the command as that user: sudo -u '#${uid}' …`,
      },
    ]);
  });

  it("finds nothing wrong during an erasure or a shipment", async () => {
    const { wrong, store, open } = await closedStore();
    await store.reopen();
    const read = PackSource.prototype.read;
    vi.spyOn(PackSource.prototype, "read").mockImplementation(async function (this: PackSource, row) {
      await erasePerson(store.runtime.eraser, "person-3", null);
      return read.call(this, row);
    });
    expect(await wrong(true)).toEqual([]);
    expect(await store.ids()).toHaveLength(2);
    vi.restoreAllMocks();
    await store.close();
    const shipping = await open("store", store.token, { follow: shipTo(new MemoryBucket()) });
    await shipping.runtime.follower?.tick();
    expect(await wrong()).toEqual([]);
  });

  it("names the events that cannot be read", async () => {
    const { wrong, look, file } = await closedStore();
    expect((await look()).find(({ check }) => check === "events")?.said).toBe("3 events can be read");
    using database = new DatabaseSync(file("gatepost.db"));
    const [id] = database.prepare("SELECT id FROM events WHERE made = (SELECT min(made) FROM events)").all();
    database.exec("UPDATE reports SET report = '{' WHERE id = (SELECT min(id) FROM reports)");
    expect(await wrong()).toEqual([
      {
        check: "events",
        state: "wrong",
        said: `event ${id?.["id"]} is not as this version stores it: reports: expected array`,
        todo: `DELETE /v1/events/${id?.["id"]}, or restore a backup`,
      },
    ]);
    database.exec("UPDATE reports SET report = '{}'");
    const found = await wrong();
    expect(found.map(({ check }) => check)).toEqual(["events", "events", "events"]);
    // Findings contain faults, and no stored data.
    expect(JSON.stringify(found)).not.toContain("person-");
  });

  it("finds files that others may read, and links; it mends only the files", async () => {
    const { wrong, mended, file, place, pack } = await closedStore();
    await chmod(file("gatepost.db"), 0o644);
    await chmod(pack, 0o640);
    expect((await wrong()).map(({ check, isRepairable }) => [check, isRepairable])).toEqual([
      ["permissions", true],
      ["permissions", true],
    ]);
    expect(await mended()).toEqual([]);
    await writeFile(place("rules.json"), "[]", { mode: 0o600 });
    await symlink(place("rules.json"), file("rules.json"));
    const [found] = await wrong();
    expect(found?.said).toMatch(/symbolic link/);
    expect(found?.isRepairable).toBeUndefined();
  });

  it("finds missing pictures, flags their events, and boxes send them again", async () => {
    const { wrong, mended, pack, store, look } = await closedStore();
    const ofPictures = async (isDeep = false) => (await look(isDeep)).filter(({ check }) => check === "pictures");
    expect([await ofPictures(), await ofPictures(true)]).toEqual([
      [{ check: "pictures", state: "ok", said: "3 pictures are in their packs" }],
      [{ check: "pictures", state: "ok", said: "3 pictures are as they were sent" }],
    ]);
    await truncate(pack, 4000);
    expect(await wrong()).toMatchObject([
      { check: "pictures", said: "2026-03.pack: 2 pictures are missing or damaged, and no event has a flag for it" },
    ]);
    expect(await mended()).toMatchObject([{ check: "pictures", said: "2 pictures are known to be lost" }]);
    // It does not also report that all is well.
    expect(await ofPictures()).toEqual([
      {
        check: "pictures",
        state: "wrong",
        said: "2 pictures are known to be lost",
        todo: "put the packs of a backup into pictures/, or restore it",
      },
    ]);
    await store.reopen();
    const flags = (await eventsOf(store.runtime)).map(({ flags }) => flags.includes("picture-lost:face"));
    expect(flags.filter(Boolean)).toHaveLength(2);
    for (const number of [2, 3]) await store.post(passing(number));
    expect(await picturesIn(store.runtime)).toHaveLength(3);
    await store.close();
    expect(await wrong(true)).toEqual([]);
  });

  it("finds damaged pictures only when it reads them, and marks them", async () => {
    const { wrong, mended, pack } = await closedStore();
    await writeFile(pack, "x".repeat(50), { flag: "r+" });
    expect(await wrong()).toEqual([]);
    expect(await wrong(true)).toMatchObject([
      { check: "pictures", said: "2026-03.pack: 1 picture is missing or damaged, and no event has a flag for it" },
    ]);
    expect(await mended(true)).toMatchObject([{ said: "1 picture is known to be lost" }]);
  });

  it("knows the files of sources", async () => {
    const { wrong, file } = await closedStore();
    const source = { name: "door", mqtt: "mqtts://broker", topics: ["doors/#"], box: "gate-3", username: "gate" };
    const files = { passwordFile: "broker/password", ca: file("broker-ca.pem") };
    await writeFile(file("sources.json"), JSON.stringify([{ ...source, ...files }]), { mode: 0o600 });
    await mkdir(file("broker"), { mode: 0o700 });
    await writeFile(file("broker-ca.pem"), "", { mode: 0o600 });
    expect(await wrong()).toEqual([]);
    await writeFile(file("broker-key.pem"), "", { mode: 0o600 });
    expect(await wrong()).toMatchObject([{ said: "files that are not Gatepost's: broker-key.pem" }]);
  });

  it("knows the file of certificates that a rule names", async () => {
    const { wrong, file } = await closedStore();
    await writeFile(file("ca.pem"), "", { mode: 0o600 });
    const unknown = { said: "files that are not Gatepost's: ca.pem" };
    expect(await wrong()).toMatchObject([unknown]);
    const target = { url: "https://127.0.0.1/", ca: file("ca.pem") };
    const named = [{ name: "own", pattern: { source: ["gatepost"] }, target }];
    await writeFile(file("rules.json"), JSON.stringify(named), { mode: 0o600 });
    expect(await wrong()).not.toMatchObject([unknown]);
  });

  it("removes packs and ends of packs without rows, and only names other files", async () => {
    const { wrong, mended, pack, file } = await closedStore();
    await writeFile(pack, Buffer.alloc(777, 1), { flag: "a" });
    await writeFile(file("pictures/2019-01.pack"), Buffer.alloc(5000), { mode: 0o600 });
    await writeFile(file("notes.txt"), "mine", { mode: 0o600 });
    expect((await wrong()).map(({ said, state, isRepairable }) => [said, state, isRepairable])).toEqual([
      [expect.stringMatching(/^2019-01\.pack has 5 KB that no event shows/), "note", true],
      [expect.stringMatching(/has 777 bytes behind its last picture/), "note", true],
      ["files that are not Gatepost's: notes.txt", "note", undefined],
    ]);
    expect(await mended()).toEqual([]);
    expect([existsSync(file("pictures/2019-01.pack")), existsSync(file("notes.txt"))]).toEqual([false, true]);
  });

  it("keeps packs and ends too large for a crash, and names the remedy", async () => {
    const { wrong, mended, pack, file } = await closedStore();
    const larger = 70_000_000;
    for (const name of [pack, file("pictures/2019-01.pack")]) {
      await writeFile(name, "", { flag: "a", mode: 0o600 });
      await truncate(name, larger);
      await writeFile(name, "x", { flag: "a" });
    }
    const found = [
      [expect.stringMatching(/^2019-01\.pack has 71 MB that no event shows/), "wrong", undefined],
      [expect.stringMatching(/has 70 MB behind its last picture/), "wrong", undefined],
    ];
    const inShort = ({ said, state, isRepairable }: Finding) => [said, state, isRepairable];
    expect((await wrong()).map(inShort)).toEqual(found);
    expect((await mended()).map(inShort)).toEqual(found);
    expect((await stat(pack)).size).toBe(larger + 1);
  });

  it("removes the rest of an erased pack, of any size", async () => {
    const { mended, file } = await closedStore();
    await writeFile(file("pictures/2019-01.pack"), "", { mode: 0o600 });
    await truncate(file("pictures/2019-01.pack"), 70_000_000);
    expect(await mended()).toEqual([]);
    expect(existsSync(file("pictures/2019-01.pack"))).toBe(false);
  });

  it("reads a table first, so that the checks include unused pages", async () => {
    const { file } = await closedStore();
    const database = new DatabaseSync(file("gatepost.db"));
    // If this fails, give the last view or table of db/schema.ts another name: SQLite orders them by a hash of their names.
    expect(database.prepare("PRAGMA main.table_list").get()).toMatchObject({ type: "table" });
    database.close();
  });

  it("touches no pack if the database has no pictures or is damaged", async () => {
    const { mended, pack, file } = await closedStore();
    const whole = await readFile(file("gatepost.db"));
    const bytes = await readFile(pack);
    const database = new DatabaseSync(file("gatepost.db"));
    addFunctions(database);
    database.exec("DELETE FROM events; DELETE FROM pictures; PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
    expect(await mended()).toMatchObject([{ check: "orphans", said: expect.stringMatching(/that no event shows$/) }]);
    await writeFile(
      file("gatepost.db"),
      Buffer.concat([whole.subarray(0, 8192), Buffer.alloc(whole.length - 8192, 7)]),
    );
    await expect(repair(file(""))).rejects.toThrow(/malformed/);
    // The number of unused pages, in the head of the file.
    whole.writeUInt32BE(whole.readUInt32BE(36) + 7, 36);
    await writeFile(file("gatepost.db"), whole);
    await expect(repair(file(""))).rejects.toThrow(/its database is damaged .*: restore a backup/);
    expect(await readFile(pack)).toEqual(bytes);
  });

  it("finds unfinished erasures, and finishes them", async () => {
    const { wrong, mended, file } = await closedStore();
    const database = new DatabaseSync(file("gatepost.db"));
    database.exec("INSERT INTO erasures VALUES ('2026-03', 0, 10)");
    database.close();
    expect(await wrong()).toMatchObject([{ said: expect.stringMatching(/^1 erasure is not finished/) }]);
    expect((await mended()).filter(({ check }) => check === "keys")).toEqual([]);
  });

  it("finds wrong clocks, first keys, and damaged or newer databases", async () => {
    const { wrong, file } = await closedStore();
    expect(await wrong(false, Date.UTC(1970, 0, 2))).toMatchObject([{ check: "clock" }]);
    await writeFile(file("first-keys.json"), "{}", { mode: 0o600 });
    expect(await wrong()).toMatchObject([{ check: "keys", todo: expect.stringMatching(/--forget/) }]);
    await rm(file("first-keys.json"));
    const database = new DatabaseSync(file("gatepost.db"));
    database.exec(`INSERT INTO quarantine (id, box, path, reason, received_at, headers, bytes, body)
      VALUES ('qrt_1', 'gate-1', '/', 'not-json', ${received + 3_600_000}, '{}', 0, x'')`);
    expect(await wrong()).toMatchObject([{ check: "clock", said: expect.stringMatching(/the store has entries of/) }]);
    database.exec("DELETE FROM quarantine");
    const noted = (at: number) => database.exec(`INSERT OR REPLACE INTO store_clock VALUES (1, ${at}, NULL, 0)`);
    noted(received + 2 * 86_400_000);
    expect(await wrong()).toMatchObject([
      { check: "clock", state: "wrong", todo: expect.stringMatching(/^set it, or .* --trust-clock/) },
    ]);
    noted(received - 400 * 86_400_000);
    expect(await wrong()).toMatchObject([
      { check: "clock", state: "note", said: expect.stringMatching(/400 days ago: nothing .* for 24 h of serving/) },
    ]);
    database.exec("DELETE FROM store_clock; PRAGMA user_version = 999");
    expect(await wrong()).toMatchObject([{ check: "database", said: expect.stringMatching(/a newer Gatepost/) }]);
    database.exec("PRAGMA application_id = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    expect(await wrong()).toMatchObject([
      {
        check: "database",
        state: "wrong",
        said: "an earlier build wrote it",
        todo: expect.stringMatching(/^start that build on it, .* `gatepost migrate`$/),
      },
    ]);
    database.exec(`PRAGMA application_id = ${schema.application}; PRAGMA user_version = ${schema.steps.length}; DROP TRIGGER reports_go_with_events;
      CREATE TRIGGER reports_go_with_events AFTER DELETE ON events BEGIN SELECT 1; END`);
    expect(await wrong()).toMatchObject([
      {
        check: "database",
        state: "wrong",
        said: expect.stringMatching(/^it has another trigger reports_go_with_events/),
      },
    ]);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
    await writeFile(file("gatepost.db"), Buffer.alloc(4096 * 3, 7), { flag: "r+" });
    await expect(wrong()).resolves.toMatchObject([{ state: "wrong" }]);
  });

  it("connects to every target, and sends it nothing", async () => {
    const { look, file } = await closedStore();
    let requests = 0;
    const target = createServer(() => {
      requests += 1;
    }).listen(0, "127.0.0.1");
    closers.push(async () => void target.close());
    await new Promise((resolve) => target.once("listening", resolve));
    const { port } = target.address() as AddressInfo;
    const rule = (name: string, url: string, more = {}) => ({
      name,
      pattern: { source: ["gatepost"] },
      target: { url, allowPrivate: true, ...more },
    });
    const rules = [
      rule("there", `http://127.0.0.1:${port}/`),
      rule("gone", `http://127.0.0.1:${await freePort()}/`),
      rule("no-tls", `https://127.0.0.1:${port}/`),
      rule("private", `http://127.0.0.1:${port}/`, { allowPrivate: false }),
      { name: "broken" },
      { ...rule("never", `http://127.0.0.1:${port}/`), pattern: { detail: { want_acton: ["1001"] } } },
    ];
    await writeFile(file("rules.json"), JSON.stringify(rules), { mode: 0o600 });
    const said = (await look()).filter(({ check }) => check === "targets").map(({ state, said }) => [state, said]);
    expect(said).toEqual([
      ["wrong", expect.stringMatching(/^the rule broken of line 1, column \d+ cannot be used/)],
      ["note", expect.stringMatching(/^the rule never of line 1, column \d+ can never match: .* detail\.want_acton$/)],
      ["ok", `there: 127.0.0.1:${port} is there`],
      ["wrong", expect.stringMatching(/^gone: .* cannot be reached: .*ECONNREFUSED/)],
      ["wrong", expect.stringMatching(/^no-tls: .* cannot be reached/)],
      ["note", expect.stringMatching(/^private: .*no public address/)],
      ["ok", `never: 127.0.0.1:${port} is there`],
    ]);
    expect(requests).toBe(0);
    await writeFile(file("rules.json"), `{"secret": hunter2`, { mode: 0o600 });
    const broken = (await look()).filter(({ check }) => check === "targets");
    expect(broken).toMatchObject([
      { state: "wrong", said: "rules.json cannot be used: it is no JSON at line 1, column 12" },
    ]);
  });

  it("says which fault oidc.json has, also in the file of its authority", async () => {
    const { file, look } = await closedStore();
    const said = async (text: string) => {
      await writeFile(file("oidc.json"), text, { mode: 0o600 });
      return (await look()).filter(({ check }) => check === "company").map(({ state, said }) => [state, said]);
    };
    expect((await look()).filter(({ check }) => check === "company")).toEqual([]);
    expect(await said("{}")).toEqual([["ok", "oidc.json can be used"]]);
    const fault = (reason: string) => [["wrong", expect.stringContaining(`oidc.json has a fault: ca: ${reason}`)]];
    expect(await said('{"ca":"office.pem"}')).toEqual(fault("the file office.pem cannot be read: ENOENT"));
    expect(await said('{"ca":"oidc.json"}')).toEqual(fault("must be a certificate of an authority, as PEM"));
    expect(await said('{"ca":"."}')).toEqual(fault("the file . cannot be read: Error: it must be a file of 64 KB"));
    await writeFile(file("office.pem"), pemOf("first.crt"));
    expect(await said('{"ca":"office.pem"}')).toEqual([["ok", "oidc.json can be used"]]);
    const unknown = async () => (await look()).filter(({ said }) => said.startsWith("files that are not Gatepost's"));
    expect(await unknown()).toEqual([]);
    for (const other of ["{}", "null", "{"]) {
      await said(other);
      expect(await unknown()).toMatchObject([{ said: "files that are not Gatepost's: office.pem" }]);
    }
  });

  it("mends nothing while a server uses the folder", async () => {
    const { store } = await closedStore();
    await store.reopen();
    await expect(repair(store.path)).rejects.toThrow(/another Gatepost uses/);
  });
});
