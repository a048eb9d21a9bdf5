import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KeptFiles } from "../../../../packages/bridge/src/acting/kept-files.ts";
import { OrderSpool } from "../../../../packages/bridge/src/acting/order-spool.ts";
import { automaticOrder } from "../../../../packages/bridge/src/acting/orders.ts";
import { type Order, outcomeOf } from "../../../../packages/bridge/src/acting/task.ts";
import { exampleEvent } from "../../../support/examples.ts";
import { atEnd, temporary } from "../../../unit/simulator/support.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.UTC(2026, 10, 5);
const subject = { person: "888031", name: "Ada Lovelace", type: "vip" as const, group: null, photo: null };
const order = (changes: Partial<Order> = {}): Order => ({
  ref: "act_1",
  number: 1,
  box: "gate-1",
  kind: "register",
  subject,
  since: start,
  orderedAt: start,
  ...changes,
});
const removal = (at: number) => order({ ref: "rem_1", number: 0, kind: "remove", since: at, orderedAt: at });
const kept = {
  generation: "C" as const,
  personId: "888031",
  before: { record: { name: "old" }, imageId: null, photo: "QUJD" },
};

async function opened() {
  const folder = await temporary();
  let now = start;
  const clock = () => now;
  const open = (name = "orders.db") => {
    const spool = new OrderSpool(join(folder, name), clock);
    atEnd(() => spool.close());
    return spool;
  };
  return { folder, clock, open, move: (ms: number) => (now += ms), spool: open() };
}

describe("the spool of orders", () => {
  it("keeps an order over a restart, for its owner alone", async () => {
    const { folder, open, spool } = await opened();
    expect(spool.take(order())).toBe(true);
    expect(statSync(join(folder, "orders.db")).mode & 0o777).toBe(0o600);
    expect(open().next("gate-1")?.task).toMatchObject({ ref: "act_1", state: "waiting", subject });
    expect(spool.next("lobby")).toBeNull();
  });

  it("takes each order once, and the newest of an action and a box", async () => {
    const { spool } = await opened();
    spool.take(order());
    expect(spool.take(order())).toBe(false);
    expect(spool.take(order({ number: 2, kind: "undo" }))).toBe(true);
    expect(spool.take(order())).toBe(false);
    expect(spool.find("act_1", "gate-1")).toMatchObject({ number: 2, kind: "undo" });
  });

  it("takes an order of a restored cloud, whose numbers begin again", async () => {
    const { spool } = await opened();
    spool.take(order());
    const before = spool.find("act_1", "gate-1") ?? expect.fail("nothing is there");
    spool.note(before, "done", null);
    spool.take(order({ number: 2, kind: "undo", orderedAt: start + minute }));
    const renamed = { ...subject, name: "Grace Hopper" };
    expect(spool.take(order({ subject: renamed, orderedAt: start + 2 * minute }))).toBe(true);
    expect(spool.find("act_1", "gate-1")).toMatchObject({ number: 1, state: "waiting", subject: renamed });
    // A try of before says nothing of it.
    spool.note(before, "done", null);
    expect(spool.find("act_1", "gate-1")).toMatchObject({ state: "waiting" });
  });

  it("ends waiting orders for a person once a later order is done", async () => {
    const { spool } = await opened();
    const later = { ref: "act_2", orderedAt: start + minute } as const;
    spool.take(order({ kind: "update-photo" }));
    spool.take(order({ ref: "act_0", number: 0, kind: "update-photo", orderedAt: 0 }));
    spool.take(order({ ref: "act_3", orderedAt: start + 2 * minute }));
    spool.take(order({ ref: "act_4", box: "lobby" }));
    spool.take(order({ ref: "act_5", kind: "undo" }));
    spool.take(order({ ...later, kind: "update-photo" }));
    const done = spool.find("act_2", "gate-1") ?? expect.fail("nothing is there");
    spool.note(done, "done", null);
    spool.overtake(done);
    expect(spool.all().map(({ ref, state }) => [ref, state])).toEqual([
      ["act_0", "left"],
      ["act_1", "failed"],
      ["act_2", "done"],
      ["act_3", "waiting"],
      ["act_4", "waiting"],
      ["act_5", "waiting"],
    ]);
  });

  it("resets the begun state of an order once another order for the person begins", async () => {
    const { spool } = await opened();
    const seen = { record: "a", imageId: "b", photo: null };
    const others = { act_2: { box: "lobby" }, act_3: { subject: { ...subject, person: "other" } }, act_4: {} };
    for (const [ref, changes] of Object.entries({ act_1: {}, ...others })) spool.take(order({ ref, ...changes }));
    const [first, second, third, last] = spool.all();
    if (!first || !second || !third || !last) throw new Error("nothing is there");
    for (const task of [first, second, third]) spool.begin(task, seen);
    spool.begin(last, seen);
    expect(spool.all().map(({ began }) => began)).toEqual([null, seen, seen, seen]);
    // A try of an order that another one has replaced notes nothing of that.
    spool.take(order({ ref: "act_4", number: 2, orderedAt: start + 1 }));
    spool.begin(last, seen);
    expect(spool.find("act_4", "gate-1")?.began).toBeNull();
  });

  it("lists exactly the tasks that the cloud may have to learn", async () => {
    const { spool } = await opened();
    for (const ref of ["act_1", "act_2", "act_3", "act_4"]) spool.take(order({ ref }));
    const [first, second, third] = spool.all();
    if (first === undefined || second === undefined || third === undefined) throw new Error("nothing is there");
    spool.note(first, "done", null);
    spool.setReported(first, { state: "done", reason: null });
    spool.note(second, "done", "A note.");
    spool.setReported(second, { state: "failed", reason: "It is tried again." });
    spool.note(third, "left", "It would come late.");
    expect([spool.news().map(({ ref }) => ref), spool.waiting()]).toEqual([["act_2", "act_4"], 1]);
    spool.setReported(second, { state: "done", reason: null });
    expect(spool.news().map(({ ref }) => ref)).toEqual(["act_2", "act_4"]);
  });

  it("notes nothing of a try that a newer order has overtaken", async () => {
    const { spool } = await opened();
    spool.take(order());
    const task = spool.find("act_1", "gate-1");
    spool.take(order({ number: 2, kind: "undo" }));
    if (task !== null) spool.note(task, "done", null);
    expect(spool.find("act_1", "gate-1")).toMatchObject({ number: 2, state: "waiting" });
  });

  it("reports again if the cloud lost the report, and forgets the person once it knows", async () => {
    const { folder, spool } = await opened();
    spool.take(order());
    const task = spool.find("act_1", "gate-1");
    if (task === null) throw new Error("nothing is there");
    spool.note(task, "done", null);
    spool.setReported(task, { state: "done", reason: null });
    expect(spool.find("act_1", "gate-1")?.reported).toEqual({ state: "done", reason: null });
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes("Ada Lovelace")).toBe(false);
    }
    spool.take(order());
    expect(spool.find("act_1", "gate-1")).toMatchObject({ state: "done", reported: null });
  });

  it("reports a wait of ten minutes once, and then the result", async () => {
    const { spool, move, clock } = await opened();
    spool.take(order());
    const task = () => spool.find("act_1", "gate-1") ?? expect.fail("nothing is there");
    spool.note(task(), "waiting", "The box does not answer.", 0);
    expect(outcomeOf(task(), clock())).toBeNull();
    move(11 * minute);
    const waiting = { state: "failed" as const, reason: "The box does not answer. It is tried again." };
    expect(outcomeOf(task(), clock())).toEqual(waiting);
    spool.setReported(task(), waiting);
    spool.note(task(), "waiting", "The box is busy.", 0);
    expect(outcomeOf(task(), clock())).toEqual(waiting);
    spool.note(task(), "done", null);
    expect(outcomeOf(task(), clock())).toEqual({ state: "done", reason: null });
  });

  it("ends waiting orders for an erased person at that box", async () => {
    const { spool } = await opened();
    spool.take(order());
    spool.take(order({ box: "lobby" }));
    spool.take(removal(start + minute));
    spool.failFor(spool.find("rem_1", "gate-1") ?? expect.fail("nothing is there"));
    expect(spool.all().map(({ ref, box, state }) => [ref, box, state])).toEqual([
      ["act_1", "gate-1", "failed"],
      ["act_1", "lobby", "waiting"],
      ["rem_1", "gate-1", "waiting"],
    ]);
  });

  it("does the removal of a person before later orders, without ending these", async () => {
    const { spool, move } = await opened();
    const later = { orderedAt: start + 2 * minute, since: start + 2 * minute };
    spool.take(order({ ref: "act_2", ...later }));
    spool.take(order({ ref: "act_3", ...later, subject: { ...subject, person: "other" } }));
    move(minute);
    spool.take(removal(start + minute));
    const removing = spool.find("rem_1", "gate-1") ?? expect.fail("nothing is there");
    spool.note(removing, "waiting", "The box does not answer.", start + 5 * minute);
    spool.holdBack(removing, "The box does not answer.");
    expect(spool.find("act_2", "gate-1")?.reason).toBe(
      "The person must be removed from the box first. The box does not answer.",
    );
    const other = spool.next("gate-1")?.task ?? expect.fail("nobody is due");
    expect(other).toMatchObject({ ref: "act_3", reason: null });
    spool.note(other, "done", null);
    expect(spool.next("gate-1")?.task.ref).toBe("rem_1");
    spool.note(removing, "done", null);
    spool.failFor(removing);
    expect(spool.next("gate-1")?.task.ref).toBe("act_2");
  });

  it("forgets ended tasks after 100 days, left ones after 30, waiting ones never", async () => {
    const { spool, move } = await opened();
    spool.take(order());
    spool.take(order({ ref: "act_2" }));
    const task = spool.find("act_2", "gate-1");
    if (task !== null) spool.note(task, "left", "The box does not call the two faces the same.");
    spool.take(order({ ref: "act_3" }));
    const done = spool.find("act_3", "gate-1");
    if (done !== null) spool.note(done, "done", null);
    move(31 * day);
    spool.prune(["gate-1"]);
    expect(spool.all().map(({ ref }) => ref)).toEqual(["act_1", "act_3"]);
    move(70 * day);
    spool.prune(["gate-1"]);
    expect(spool.all().map(({ ref }) => ref)).toEqual(["act_1"]);
  });
});

describe("the person of an order", () => {
  const opensWith = async (name: string) => {
    const all = await opened();
    const isOnDisk = () => readdirSync(all.folder).some((file) => readFileSync(join(all.folder, file)).includes(name));
    return { ...all, isOnDisk };
  };

  it("is forgotten after seven days of waiting if the bridge stopped acting on the box", async () => {
    const { spool, move, isOnDisk } = await opensWith("Ada Lovelace");
    spool.take(order());
    spool.take(removal(start + minute));
    expect(spool.waitingActions()).toEqual(["act_1"]);
    move(7 * day + 1);
    spool.prune(["gate-1"]);
    expect([spool.waiting(), isOnDisk()]).toEqual([2, true]);
    spool.prune(["lobby"]);
    expect(spool.all()).toMatchObject([
      { ref: "act_1", state: "failed", reason: expect.stringContaining("given up after 7 days"), reported: null },
      { ref: "rem_1", state: "failed" },
    ]);
    expect([isOnDisk(), spool.waitingActions(), spool.news().length]).toEqual([false, [], 2]);
  });

  it("is forgotten at once in a task left to a person, else after two weeks", async () => {
    const { spool, move, isOnDisk } = await opensWith("Ada Lovelace");
    const noted = (ref: string, state: "done" | "left") => {
      spool.take(order({ ref }));
      spool.note(spool.find(ref, "gate-1") ?? expect.fail("nothing is there"), state, null);
    };
    noted("act_1", "left");
    spool.prune(["gate-1"]);
    expect(isOnDisk()).toBe(false);
    noted("act_2", "done");
    spool.prune(["gate-1"]);
    expect(isOnDisk()).toBe(true);
    move(14 * day + 1);
    spool.prune(["gate-1"]);
    expect([isOnDisk(), spool.news().map(({ ref }) => ref)]).toEqual([false, ["act_2"]]);
  });
});

describe("a state kept for an undo", () => {
  it("is a private file, the first of each action and box, for seven days", async () => {
    const { folder, clock, move } = await opened();
    const files = new KeptFiles(join(folder, "kept"), clock);
    files.put("act_1", "gate-1", kept);
    files.put("act_1", "gate-1", { ...kept, before: null });
    expect(files.get("act_1", "gate-1")).toEqual(kept);
    expect(files.get("act_1", "lobby")).toBeNull();
    const [name = ""] = readdirSync(join(folder, "kept"));
    expect(statSync(join(folder, "kept", name)).mode & 0o777).toBe(0o600);
    expect(name).not.toContain("act_1");
    move(7 * day);
    expect(files.expire()).toEqual(["act_1"]);
    move(1);
    expect(files.get("act_1", "gate-1")).toBeNull();
    expect(files.expire()).toEqual([]);
    expect(readdirSync(join(folder, "kept"))).toEqual([]);
  });

  it("is not read again at each look: the photos of a week are too many", async () => {
    const { folder, clock } = await opened();
    const path = join(folder, "kept");
    const files = new KeptFiles(path, clock);
    files.put("act_1", "gate-1", kept);
    for (const name of readdirSync(path)) writeFileSync(join(path, name), "");
    expect(files.expire()).toEqual(["act_1"]);
    files.removePerson("888031", "gate-1");
    expect([files.expire(), readdirSync(path)]).toEqual([[], []]);
  });

  it("is removed with the action, and with the person at that box", async () => {
    const { folder, clock } = await opened();
    const files = new KeptFiles(join(folder, "kept"), clock);
    files.put("act_1", "gate-1", kept);
    files.put("act_1", "lobby", kept);
    files.put("act_2", "gate-1", { ...kept, personId: "other" });
    files.removePerson("888031", "gate-1");
    expect([files.get("act_1", "gate-1"), files.get("act_1", "lobby")]).toEqual([null, kept]);
    files.removeAll("act_1");
    expect(files.expire()).toEqual(["act_2"]);
  });

  it("is null if the file is torn or foreign, and the file is removed", async () => {
    const { folder, clock } = await opened();
    const path = join(folder, "kept");
    const files = new KeptFiles(path, clock);
    files.put("act_1", "gate-1", kept);
    const [name = ""] = readdirSync(path);
    writeFileSync(join(path, name), '{"ref":"act_1"');
    writeFileSync(join(path, "half.json.new"), "{");
    expect(files.get("act_1", "gate-1")).toBeNull();
    expect(new KeptFiles(path, clock).expire()).toEqual([]);
    expect(readdirSync(path)).toEqual([]);
  });
});

describe("a photo that a box asks for", () => {
  const now = exampleEvent.timestamp + 2000;
  const asked = (event: object = {}, action: object = {}) => ({
    id: "act_1",
    wantAction: "1002" as const,
    box: "gate-1",
    approval: null,
    ...action,
    event: { ...exampleEvent, flags: [], ...event },
  });

  it("is accepted without a person if no rule excludes it", () => {
    expect(automaticOrder(asked(), now)).toMatchObject({ number: 0, kind: "update-photo", box: "gate-1" });
    // The photo that the box compares, even if the event shows another one after an interrupted try.
    expect(automaticOrder(asked(), now)?.subject.photo).toBe(exampleEvent.pictures.face?.sha256);
  });

  it.each([
    ["a stranger is to be registered", {}, { wantAction: "1001" }],
    ["it is late", { timestamp: now - 61_000 }, {}],
    ["the clock of the box is wrong", { flags: ["clock"] }, {}],
    ["nobody is named", { person: { ...exampleEvent.person, id: null } }, {}],
    ["somebody on the blacklist passed", { person: { ...exampleEvent.person, type: "blacklist" } }, {}],
    ["a stranger passed", { person: { ...exampleEvent.person, type: "stranger" } }, {}],
    [
      "it was only fetched later",
      { reports: exampleEvent.reports.map((report) => ({ ...report, kind: "backfill" })) },
      {},
    ],
  ])("is left to a person if %s", (_, event, action) => {
    expect(automaticOrder(asked(event, action) as Parameters<typeof automaticOrder>[0], now)).toBeNull();
  });
});

it("an order that is done ends only older ones of the same person", async () => {
  const { spool } = await opened();
  const at = (ref: string, orderedAt: number) => order({ ref, orderedAt, since: orderedAt });
  for (const one of [at("act_old", start), at("act_done", start + 1), at("act_new", start + 2)]) spool.take(one);
  const done = spool.find("act_done", "gate-1");
  if (done === null) throw new Error("it was not taken");
  spool.note(done, "done", null);
  spool.overtake(done);
  const states = ["act_old", "act_done", "act_new"].map((ref) => spool.find(ref, "gate-1")?.state);
  expect(states).toEqual(["failed", "done", "waiting"]);
});
