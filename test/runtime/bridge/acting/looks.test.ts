import { join } from "node:path";
import { type Attempt, openPeople, type Registration, systemClock } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { startActing } from "../../../../packages/bridge/src/acting/acting.ts";
import { BoxWorker } from "../../../../packages/bridge/src/acting/box-worker.ts";
import { KeptFiles } from "../../../../packages/bridge/src/acting/kept-files.ts";
import { OrderSpool } from "../../../../packages/bridge/src/acting/order-spool.ts";
import { listen } from "../../../standins/listen.ts";
import { atEnd, ManualClock, temporary, until } from "../../../unit/simulator/support.ts";

const silent = { info() {}, warn() {}, error() {} };
const day = 24 * 60 * 60_000;

describe("a look for orders", () => {
  it("checks whether each action with a kept state still exists, all within sixty looks", async () => {
    const folder = await temporary();
    const files = new KeptFiles(join(folder, "kept"), Date.now);
    const kept = { generation: "C" as const, personId: "1", before: null };
    for (let n = 0; n < 400; n++) files.put(`act_${n}`, "gate-1", kept);
    const asked = new Set<string>();
    let looks = 0;
    let looksForAll = 0;
    const { url, close } = await listen(({ url: path = "" }, response) => {
      if (path.startsWith("/v1/removals")) looks += 1;
      if (path.startsWith("/v1/actions/")) asked.add(path);
      if (asked.size === 400 && looksForAll === 0) looksForAll = looks;
      response.setHeader("content-type", "application/json");
      response.end(path.startsWith("/v1/removals") ? '{"removals":[]}' : '{"actions":[],"next":null}');
    });
    atEnd(close);
    const acting = startActing({
      mode: "review",
      url,
      token: "gpr_key",
      boxes: [],
      folder,
      clock: systemClock,
      random: () => 1,
      log: silent,
      libraryOf: () => null,
      everyMs: 10,
    });
    atEnd(() => acting.stop());
    await until(() => looksForAll > 0);
    expect(looksForAll).toBeLessThanOrEqual(60);
  });
});

describe("a report that the cloud does not take", () => {
  it.each([403, 500])("is shown in the status after answer %i, and delays no other order", async (status) => {
    const folder = await temporary();
    const spool = new OrderSpool(join(folder, "orders.db"), Date.now);
    const subject = { person: "1", name: "Ada", type: "vip" as const, group: null, photo: null };
    // Done, and then the cloud was restored from a backup in which it is not approved yet.
    spool.take({ ref: "act_1", number: 1, box: "gate-1", kind: "register", subject, since: 0, orderedAt: 1 });
    for (const task of spool.all()) spool.note(task, "done", null);
    spool.close();
    const removal = {
      id: "rem_1",
      box: "gate-1",
      person: "7",
      state: "waiting",
      reason: null,
      at: "2026-11-05T04:00:00Z",
    };
    const ended: string[] = [];
    const { url, close } = await listen(({ method, url: path = "" }, response) => {
      const isReport = method === "POST";
      if (isReport && path.startsWith("/v1/actions")) {
        response.writeHead(status, { "content-type": "application/problem+json" });
        return void response.end('{"detail":"nobody approved it"}');
      }
      if (isReport) ended.push(path);
      response.setHeader("content-type", "application/json");
      const removals = JSON.stringify({ removals: ended.length === 0 ? [removal] : [] });
      response.end(path.startsWith("/v1/removals") ? removals : '{"actions":[],"next":null}');
    });
    atEnd(close);
    const acting = startActing({
      mode: "review",
      url,
      token: "gpr_key",
      boxes: ["gate-1"],
      folder,
      clock: systemClock,
      random: () => 1,
      log: silent,
      libraryOf: () => ({
        ...openPeople({ host: "127.0.0.1", port: 1, library: "default_group", quality: "high" }),
        remove: async () => ({ state: "done", note: null }),
      }),
      everyMs: 10,
    });
    atEnd(() => acting.stop());
    await until(() => ended.includes("/v1/removals/rem_1"));
    await until(() => acting.status().lastError === `the cloud answers ${status}: nobody approved it`);
  });
});

describe("a full disk", () => {
  const full = () => {
    throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
  };
  const order = (ref: string, person: string) => ({
    ref,
    number: 1,
    box: "gate-1",
    kind: "register" as const,
    since: 1,
    orderedAt: 1,
    subject: { person, name: "Ada", type: "vip" as const, group: null, photo: null },
  });

  /** A worker with an order for each person, whose file of orders cannot be written to. */
  async function worker(people: readonly string[], prepare: (spool: OrderSpool) => void) {
    const folder = await temporary();
    const clock = new ManualClock();
    const spool = new OrderSpool(join(folder, "orders.db"), clock.now);
    atEnd(() => spool.close());
    for (const person of people) spool.take(order(`act_${person}`, person));
    prepare(spool);
    const asked: string[] = [];
    const library = {
      ...openPeople({ host: "127.0.0.1", port: 1, library: "default_group", quality: "high" }),
      async register({ personId }: Registration, { keep }: Attempt) {
        asked.push(personId);
        await keep({ generation: "C", personId, before: null });
        return { state: "done" as const, note: null };
      },
    };
    const made = new BoxWorker({
      spool,
      kept: new KeptFiles(join(folder, "kept"), clock.now),
      box: "gate-1",
      random: () => 1,
      log: silent,
      clock,
      now: clock.now,
      libraryOf: () => library,
      ended: () => {},
      cloud: { photo: async () => ({ state: "ok", value: Buffer.from("photo") }), isThere: async () => true },
    });
    const ended = new AbortController();
    const running = made.run(ended.signal);
    atEnd(async () => {
      ended.abort();
      await running;
    });
    const rests = () => until(() => clock.sleepers === 1);
    await rests();
    /** Lets the first pause of all end, and as long once more, in which nothing is due. */
    const triedAgain = async () => {
      clock.move(1001);
      await until(() => asked.length === 2 * people.length);
      await rests();
      clock.move(1001);
      await rests();
    };
    return { spool, worker: made, asked, clock, triedAgain };
  }

  it("is the reason of an order that is retried with growing pauses, without delaying others", async () => {
    const {
      spool,
      asked,
      triedAgain,
      worker: made,
    } = await worker(["1", "2"], (spool) => {
      spool.setChanged = full;
    });
    const reason = "The bridge cannot write to its disk: database or disk is full.";
    expect([asked, made.diskFailure]).toEqual([["1", "2"], reason]);
    expect(spool.all()).toMatchObject([{ reason }, { reason }]);
    await triedAgain();
    expect(asked).toHaveLength(4);
  });

  it("delays no other order even if the result of a try cannot be written", async () => {
    const {
      spool,
      asked,
      clock,
      triedAgain,
      worker: made,
    } = await worker(["1", "2"], (spool) => {
      spool.setChanged = full;
      spool.note = full;
    });
    expect([asked, spool.all().map(({ reason }) => reason)]).toEqual([
      ["1", "2"],
      [null, null],
    ]);
    await triedAgain();
    expect([asked.length, made.diskFailure]).toEqual([4, expect.stringContaining("disk is full")]);
    Reflect.deleteProperty(spool, "setChanged");
    Reflect.deleteProperty(spool, "note");
    clock.move(2001);
    await until(() => spool.waiting() === 0);
    expect([asked.length, made.diskFailure]).toEqual([6, null]);
  });
});

describe("a task that is tried again", () => {
  it("is given up after 7 days, unless the clock is not trusted", async () => {
    const folder = await temporary();
    let now = Date.UTC(2027, 0, 1);
    const spool = new OrderSpool(join(folder, "orders.db"), () => now);
    atEnd(() => spool.close());
    const subject = { person: "1", name: null, type: null, group: null, photo: null };
    spool.take({ ref: "rem_1", number: 0, box: "gate-1", kind: "remove", subject, since: 0, orderedAt: 0 });
    now += 8 * day;
    let isBelieved = false;
    const ended = new AbortController();
    const states: (string | undefined)[] = [];
    const worker = new BoxWorker({
      spool,
      kept: new KeptFiles(join(folder, "kept"), () => now),
      box: "gate-1",
      random: () => 1,
      log: silent,
      clock: {
        now: () => now,
        sleep: async (ms) => {
          states.push(spool.all()[0]?.state);
          isBelieved = true;
          now += ms;
        },
      },
      cloud: { photo: () => Promise.reject(new Error("no photo")), isThere: async () => true },
      libraryOf: () => openPeople({ host: "127.0.0.1", port: 1, library: "default_group", quality: "high" }),
      now: () => now,
      mayRemove: () => isBelieved,
      ended: () => ended.abort(),
    });
    await worker.run(ended.signal);
    expect(states).toEqual(["waiting"]);
    expect(spool.all()).toMatchObject([
      { state: "failed", reason: expect.stringContaining("It was given up after 7 days.") },
    ]);
  });

  it("does not wait until a clock that was set back is there again", async () => {
    const folder = await temporary();
    let now = Date.UTC(2027, 0, 1);
    const spool = new OrderSpool(join(folder, "orders.db"), () => now);
    atEnd(() => spool.close());
    const subject = { person: "1", name: null, type: null, group: null, photo: null };
    spool.take({ ref: "rem_1", number: 0, box: "gate-1", kind: "remove", subject, since: 0, orderedAt: 0 });
    const [task] = spool.all();
    if (task === undefined) throw new Error("it was not taken");
    spool.note(task, "waiting", "The box cannot be asked.", now + 30_000);
    now -= 30 * day;
    const ended = new AbortController();
    const worker = new BoxWorker({
      spool,
      kept: new KeptFiles(join(folder, "kept"), () => now),
      box: "gate-1",
      random: () => 1,
      log: silent,
      clock: {
        now: () => now,
        sleep: (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
      },
      cloud: { photo: () => Promise.reject(new Error("no photo")), isThere: async () => true },
      libraryOf: () => ({
        ...openPeople({ host: "127.0.0.1", port: 1, library: "default_group", quality: "high" }),
        remove: async () => ({ state: "done", note: null }),
      }),
      now: () => now,
      ended: () => ended.abort(),
    });
    await worker.run(ended.signal);
    expect(spool.all()).toMatchObject([{ ref: "rem_1", state: "done" }]);
  });
});
