import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { atEnd, temporary } from "../../unit/simulator/support.ts";
import { reportOf, spoolIn } from "./support.ts";

const megabyte = 1024 * 1024;
const body = Buffer.alloc(3.5 * megabyte, "0123456789");
const none = new Uint8Array();
const large = reportOf("gate-1", body);

/** How many pieces of bodies the file of a spool has. */
function piecesIn(folder: string): number {
  const database = new DatabaseSync(join(folder, "spool.db"), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS n FROM pieces").get()?.["n"]);
  } finally {
    database.close();
  }
}

describe("a large body in the spool", () => {
  it("is kept in pieces until the cloud has it", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder);
    await spool.append(reportOf("gate-1", "small"));
    await spool.append(large);
    expect([piecesIn(folder), spool.bytes]).toEqual([4, body.length + 5]);
    const small = (await spool.nextWhole("gate-1")) ?? expect.fail("nothing waits");
    expect(Buffer.from(small.body).toString()).toBe("small");
    await spool.settle(small, []);
    const report = (await spool.nextWhole("gate-1")) ?? expect.fail("nothing waits");
    expect(body.equals(report.body)).toBe(true);
    await spool.settle(report, []);
    expect([await spool.nextWhole("gate-1"), piecesIn(folder), spool.bytes]).toEqual([null, 0, 0]);
  });

  it("keeps its pieces as a dead letter that is sent again", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder);
    await spool.append(large);
    const report = (await spool.nextWhole("gate-1")) ?? expect.fail("nothing waits");
    await spool.settle(report, [{ body: report.body, reason: "403 no" }]);
    const [letter] = spool.deadLetters.list();
    const id = letter?.id ?? 0;
    expect([letter?.bytes, piecesIn(folder)]).toEqual([body.length, 4]);
    expect(body.equals(spool.deadLetters.find(id)?.body ?? none)).toBe(true);
    expect([await spool.sendAgain(id), spool.deadLetters.count]).toEqual(["waiting", 0]);
    await spool.expire();
    expect(body.equals((await spool.nextWhole("gate-1"))?.body ?? none)).toBe(true);
  });

  it("is removed with a dead letter that another program drops", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder);
    await spool.append(large);
    const report = (await spool.nextWhole("gate-1")) ?? expect.fail("nothing waits");
    await spool.settle(report, [{ body: report.body, reason: "403 no" }]);
    const other = await spoolIn(folder);
    expect(await other.drop(1)).toBe(true);
    await spool.expire();
    expect(piecesIn(folder)).toBe(0);
  });

  it("is removed if the process ended before its report was complete", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder);
    const database = new DatabaseSync(join(folder, "spool.db"));
    atEnd(() => database.close());
    database.exec("INSERT INTO pieces VALUES (7, 0, x'00'), (7, 1, x'00')");
    await spool.append(large);
    expect(body.equals((await spool.nextWhole("gate-1"))?.body ?? none)).toBe(true);
    expect(piecesIn(folder)).toBe(4);
  });

  it("is not removed while it is written", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder);
    const both = [spool.append(large), spool.append(reportOf("gate-2", body))];
    while (piecesIn(folder) === 0) await spool.expire();
    await Promise.all(both);
    for (const box of ["gate-1", "gate-2"]) expect(body.equals((await spool.nextWhole(box))?.body ?? none)).toBe(true);
  });

  it("is not sent if it is removed while it is read", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder, { maxBytes: 4 * megabyte });
    await spool.append(large);
    const reading = spool.nextWhole("gate-1");
    await spool.append(reportOf("gate-1", Buffer.alloc(megabyte, "z")));
    expect((await reading)?.bytes).toBe(megabyte);
    expect([piecesIn(folder), spool.counts.dropped()]).toEqual([0, 1]);
  });

  it("is written in turns, each in its own transaction", async () => {
    const folder = await temporary();
    const spool = await spoolIn(folder);
    const counts = new Set<number>();
    const writing = spool.append(large).then(() => counts.add(-1));
    while (!counts.has(-1)) {
      counts.add(piecesIn(folder));
      await new Promise(setImmediate);
    }
    await writing;
    expect(counts.size).toBeGreaterThan(3);
  });
});
