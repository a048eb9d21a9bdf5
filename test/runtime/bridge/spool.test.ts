import { expect, it } from "vitest";
import { ManualClock, temporary } from "../../unit/simulator/support.ts";
import { refuse, reportOf, spoolIn } from "./support.ts";

const bodies = (...texts: string[]) => texts.map((text) => reportOf("gate-1", text));
const text = (report: { body: Uint8Array } | null) => report && Buffer.from(report.body).toString();

it("returns the reports of a box in order, each until it is settled", async () => {
  const spool = await spoolIn(await temporary());
  for (const report of bodies("a", "b")) await spool.append(report);
  await spool.append(reportOf("gate-2", "c"));
  const first = spool.next("gate-1");
  expect([text(first), text(spool.next("gate-1")), text(spool.next("gate-2"))]).toEqual(["a", "a", "c"]);
  if (first !== null) await spool.settle(first, []);
  expect(text(spool.next("gate-1"))).toBe("b");
});

it("keeps its reports over a restart", async () => {
  const folder = await temporary();
  const before = await spoolIn(folder);
  for (const report of bodies("a", "b")) await before.append(report);
  await before.close();
  const after = await spoolIn(folder);
  expect(after.bytes).toBe(2);
  expect(text(after.next("gate-1"))).toBe("a");
});

it("drops the oldest of all boxes when it is full, and counts them", async () => {
  const spool = await spoolIn(await temporary(), { maxBytes: 100 });
  await spool.append(reportOf("gate-2", "x".repeat(60)));
  for (const letter of ["a", "b", "c"]) await spool.append(reportOf("gate-1", letter.repeat(40)));
  expect(spool.bytes).toBe(80);
  expect(spool.counts.of("gate-2")).toMatchObject({ waiting: 0, "dropped-space": 1 });
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 2, "dropped-space": 1 });
  expect(text(spool.next("gate-1"))).toBe("b".repeat(40));
});

it("drops reports that waited too long, and counts them", async () => {
  const clock = new ManualClock();
  const spool = await spoolIn(await temporary(), { maxAge: 60_000 }, clock.now);
  await spool.append(reportOf("gate-1", "old"));
  clock.move(60_000);
  await spool.append(reportOf("gate-1", "new"));
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 2, "dropped-age": 0 });
  clock.move(1);
  await spool.expire();
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, "dropped-age": 1 });
  expect(text(spool.next("gate-1"))).toBe("new");
});

it("knows how many bytes wait after writes and removals", async () => {
  const folder = await temporary();
  const spool = await spoolIn(folder, { maxBytes: 500 });
  await Promise.all(Array.from({ length: 40 }, (_, index) => spool.append(reportOf("gate-1", "x".repeat(index)))));
  for (let settled = 0; settled < 5; settled++) {
    const report = spool.next("gate-1");
    if (report !== null) await spool.settle(report, []);
  }
  const { bytes } = spool;
  expect(spool.counts.of("gate-1").bytes).toBe(bytes);
  await spool.close();
  expect((await spoolIn(folder)).bytes).toBe(bytes);
});

it("a report that cannot be written is refused alone, and not counted", async () => {
  const spool = await spoolIn(await temporary());
  // The file takes no time that is no number.
  const bad = spool.append(reportOf("gate-1", "bad"), { at: Number.NaN, device: "", person: "", isResumeMark: false });
  const good = spool.append(reportOf("gate-1", "good"));
  await expect(bad).rejects.toThrow();
  await good;
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, bytes: 4 });
  expect(spool.bytes).toBe(4);
});

it("settling a report that was already dropped changes nothing", async () => {
  const spool = await spoolIn(await temporary(), { maxBytes: 4 });
  await spool.append(reportOf("gate-1", "old"));
  const old = spool.next("gate-1");
  await spool.append(reportOf("gate-1", "new!"));
  if (old !== null) await spool.settle(old, []);
  expect(spool.bytes).toBe(4);
  expect(text(spool.next("gate-1"))).toBe("new!");
});

it("keeps refused reports with their reasons beside waiting ones", async () => {
  const spool = await spoolIn(await temporary());
  for (const report of bodies("a", "b")) await spool.append(report);
  const report = spool.next("gate-1");
  if (report !== null) await spool.settle(report, [{ body: report.body, reason: "403 no" }]);
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, refused: 1, sent: 0 });
  expect(spool.counts.lastRefusal("gate-1")).toBe("403 no");
});

it("a spool of a newer bridge is not touched", async () => {
  const folder = await temporary();
  const spool = await spoolIn(folder);
  await spool.close();
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${folder}/spool.db`);
  database.exec("PRAGMA user_version = 99");
  database.close();
  await expect(spoolIn(folder)).rejects.toThrow("newer bridge");
});

it("a spool of an earlier build is not touched", async () => {
  const folder = await temporary();
  const spool = await spoolIn(folder);
  await spool.append(reportOf("gate-1"));
  await spool.close();
  const { DatabaseSync } = await import("node:sqlite");
  using database = new DatabaseSync(`${folder}/spool.db`);
  database.exec("PRAGMA application_id = 0; PRAGMA user_version = 4");
  await expect(spoolIn(folder)).rejects.toThrow(
    "the spool was written by an earlier build: start that build until nothing waits in its spool",
  );
  expect(database.prepare("SELECT count(*) AS n FROM reports").get()).toEqual({ n: 1 });
});

it("knows since when the oldest report of a box waits", async () => {
  const clock = new ManualClock();
  const spool = await spoolIn(await temporary(), {}, clock.now);
  expect(spool.counts.of("gate-1").oldest).toBeNull();
  await spool.append(reportOf("gate-2"));
  clock.move(1000);
  const since = clock.now();
  for (const report of bodies("a", "b")) {
    await spool.append(report);
    clock.move(1000);
  }
  expect(spool.counts.of("gate-1").oldest).toBe(since);
});

it("names each box with waiting reports or dead letters", async () => {
  const spool = await spoolIn(await temporary());
  for (const box of ["refused", "waiting", "both", "sent"]) await spool.append(reportOf(box));
  for (const box of ["refused", "both"]) await refuse(spool, box);
  await spool.append(reportOf("both"));
  const sent = spool.next("sent");
  if (sent !== null) await spool.settle(sent, []);
  expect(spool.counts.boxes().sort()).toEqual(["both", "refused", "waiting"]);
});

it("returns the reason of a box's last refusal", async () => {
  const spool = await spoolIn(await temporary());
  for (const reason of ["403 first", "422 last"]) {
    await spool.append(reportOf("gate-1"));
    await refuse(spool, "gate-1", reason);
  }
  expect([spool.counts.lastRefusal("gate-1"), spool.counts.lastRefusal("gate-2")]).toEqual(["422 last", null]);
});

it("also counts dropped dead letters as lost", async () => {
  const spool = await spoolIn(await temporary(), { maxBytes: 10 });
  for (const text of ["x".repeat(10), "y".repeat(10)]) await spool.append(reportOf("gate-2", text));
  await refuse(spool, "gate-2");
  await spool.append(reportOf("gate-1"));
  const batch = spool.next("gate-1");
  const refusal = { body: new Uint8Array(), reason: "403 no" };
  if (batch !== null) await spool.settle(batch, Array<typeof refusal>(100_001).fill(refusal));
  expect(spool.counts.of("gate-2")).toMatchObject({ aside: 0, "dropped-space": 1, "dropped-aside": 1 });
  expect(spool.counts.of("gate-1")).toMatchObject({ aside: 100_000, "dropped-aside": 1 });
  expect(spool.counts.dropped()).toBe(3);
});

it("counts how often a report has failed since another one of its box was tried", async () => {
  const spool = await spoolIn(await temporary());
  for (const report of bodies("a", "b")) await spool.append(report);
  await spool.append(reportOf("gate-2", "c"));
  const fail = async (box: string, after?: number) => {
    const report = spool.next(box, after);
    return report && (await spool.noteFailure(report));
  };
  const first = spool.next("gate-1")?.id;
  expect([await fail("gate-1"), await fail("gate-1"), await fail("gate-2")]).toEqual([1, 2, 1]);
  expect([await fail("gate-1", first), await fail("gate-1"), await fail("gate-2")]).toEqual([1, 1, 2]);
});
