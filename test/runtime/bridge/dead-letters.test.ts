import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { DeadLetters } from "../../../packages/bridge/src/spool/dead-letters.ts";
import { Pieces } from "../../../packages/bridge/src/spool/pieces.ts";
import { atEnd, ManualClock, temporary } from "../../unit/simulator/support.ts";
import { refuse, refused, reportOf, spoolIn } from "./support.ts";

const text = (report: { body: Uint8Array } | null) => report && Buffer.from(report.body).toString();

it("lists refused reports, newest first, with the reason, by box or all", async () => {
  const { spool } = await refused(await temporary(), "a", "b");
  await spool.append(reportOf("gate-2", "c"));
  await refuse(spool, "gate-2");
  expect(spool.deadLetters.list().map(({ box, reason }) => [box, reason])).toEqual([
    ["gate-2", "403 no"],
    ["gate-1", "403 b"],
    ["gate-1", "403 a"],
  ]);
  expect(spool.deadLetters.list({ box: "gate-1", limit: 1 })).toEqual([
    { id: 2, box: "gate-1", at: expect.any(Number), bytes: 1, path: "/HistoryEvent", reason: "403 b" },
  ]);
  expect(spool.counts.of("gate-1")).toMatchObject({ refused: 2, aside: 2 });
});

it("returns a report as received: body, type, encoding and receipt", async () => {
  const spool = await spoolIn(await temporary());
  const sent = {
    box: "gate-1",
    path: "/HistoryEvent",
    contentType: "multipart/form-data; boundary=x",
    contentEncoding: "gzip",
    body: Buffer.from([0, 255, 13, 10]),
    receipt: 1_772_366_400_123,
  };
  await spool.append(sent);
  expect(spool.next("gate-1")).toMatchObject({ receipt: sent.receipt });
  await refuse(spool, "gate-1");
  expect(spool.deadLetters.find(1)).toMatchObject({ ...sent, body: new Uint8Array(sent.body) });
  expect(await spool.sendAgain(1)).toBe("waiting");
  expect(spool.next("gate-1")).toMatchObject({ ...sent, body: new Uint8Array(sent.body) });
});

it("dead letters that are sent again wait behind the box's reports, in order", async () => {
  const clock = new ManualClock();
  const spool = await spoolIn(await temporary(), { maxAge: 60_000 }, clock.now);
  for (const body of ["a", "b"]) {
    await spool.append(reportOf("gate-1", body));
    await refuse(spool, "gate-1");
  }
  clock.move(50_000);
  await spool.append(reportOf("gate-1", "new"));
  for (const id of [1, 2]) expect(await spool.sendAgain(id)).toBe("waiting");
  const order: (string | null)[] = [];
  for (let report = spool.next("gate-1"); report !== null; report = spool.next("gate-1")) {
    order.push(text(report));
    await spool.settle(report, []);
    clock.move(20_000);
    await spool.expire();
  }
  expect(order).toEqual(["new", "a", "b"]);
});

it("is sent again once, even after repeated requests", async () => {
  const { spool, ids } = await refused(await temporary(), "a");
  const [id = 0] = ids;
  const outcomes = await Promise.all([1, 2, 3].map(() => spool.sendAgain(id)));
  expect(outcomes.sort()).toEqual(["gone", "gone", "waiting"]);
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, bytes: 1, aside: 0 });
  expect(spool.bytes).toBe(1);
});

it("stays on the list if a resend would displace waiting reports", async () => {
  const spool = await spoolIn(await temporary(), { maxBytes: 100 });
  await spool.append(reportOf("gate-1", "x".repeat(60)));
  await refuse(spool, "gate-1");
  await spool.append(reportOf("gate-1", "y".repeat(60)));
  expect(await spool.sendAgain(1)).toBe("no-room");
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, aside: 1, "dropped-space": 0 });
});

it("is forgotten when it is dropped", async () => {
  const { spool, ids } = await refused(await temporary(), "a", "b");
  const [id = 0] = ids;
  expect([await spool.drop(id), await spool.drop(id)]).toEqual([true, false]);
  expect(spool.deadLetters.list().map(({ reason }) => reason)).toEqual(["403 b"]);
});

it("drops the oldest dead letters over its limits, and returns their boxes", async () => {
  const file = join(await temporary(), "spool.db");
  await (await spoolIn(join(file, ".."))).close();
  const database = new DatabaseSync(file);
  atEnd(() => database.close());
  const list = new DeadLetters(database, new Pieces(database), { maxBytes: 100, maxRequests: 3 });
  const add = (box: string, bytes: number) =>
    list.add({ ...reportOf(box), id: 0, bytes, pieces: null }, { body: new Uint8Array(bytes), reason: "" }, 0);
  expect([add("a", 40), add("b", 40), add("c", 30)]).toEqual([[], [], ["a"]]);
  expect([add("d", 1), add("e", 100)]).toEqual([[], ["b", "c", "d"]]);
  list.drop(list.list()[0]?.id ?? 0);
  expect(["f", "g", "h", "i", "j"].map((box) => add(box, 0))).toEqual([[], [], [], ["f"], ["g"]]);
});

it("changes by another program are noticed", async () => {
  const folder = await temporary();
  const { spool, ids } = await refused(folder, "a", "b");
  expect(spool.changed()).toBe(false);
  const other = await spoolIn(folder);
  await other.sendAgain(ids[0] ?? 0);
  expect(spool.bytes).toBe(0);
  expect([spool.changed(), spool.changed()]).toEqual([true, false]);
  expect([spool.bytes, spool.deadLetters.count]).toEqual([1, 1]);
  await spool.append(reportOf("gate-1", "own"));
  expect(spool.changed()).toBe(false);
});

it("reports written by another program count when a dead letter is sent again", async () => {
  const folder = await temporary();
  const spool = await spoolIn(folder, { maxBytes: 100 });
  await spool.append(reportOf("gate-1", "x".repeat(60)));
  await refuse(spool, "gate-1");
  const other = await spoolIn(folder, { maxBytes: 100 });
  await other.append(reportOf("gate-1", "y".repeat(60)));
  expect(await spool.sendAgain(1)).toBe("no-room");
});

it("a write waits while another program locks the file, without blocking the process", async () => {
  const folder = await temporary();
  const spool = await spoolIn(folder);
  const other = new DatabaseSync(join(folder, "spool.db"));
  atEnd(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  let isWritten = false;
  const written = spool.append(reportOf("gate-1", "a")).then(() => (isWritten = true));
  let turns = 0;
  for (; turns < 5; turns++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect([isWritten, text(spool.next("gate-1"))]).toEqual([false, null]);
  other.exec("COMMIT");
  await written;
  expect(text(spool.next("gate-1"))).toBe("a");
});
