import { describe, expect, it, vi } from "vitest";
import { Bandwidth } from "../../../packages/bridge/src/cloud/bandwidth.ts";
import { Cloud } from "../../../packages/bridge/src/cloud/cloud.ts";
import { Sender } from "../../../packages/bridge/src/cloud/sender.ts";
import type { Spool } from "../../../packages/bridge/src/spool/spool.ts";
import { bodyOf, listen } from "../../standins/listen.ts";
import { atEnd, ManualClock, receiver, temporary, until } from "../../unit/simulator/support.ts";
import { keyOf, reportOf, spoolIn } from "./support.ts";

const day = 24 * 3600_000;

interface Setting {
  cloud: string;
  clock: ManualClock;
  spool: Spool;
  box?: string;
  maxBody?: number;
  perSecond?: number;
}

/** Lets a box's reports go to a cloud; random numbers give the longest waits. */
function sending({
  cloud: url,
  clock,
  spool,
  box = "gate-1",
  maxBody = 1e6,
  perSecond = Number.POSITIVE_INFINITY,
}: Setting) {
  const cloud = new Cloud(url);
  const bandwidth = new Bandwidth(perSecond, clock);
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const given = { box, token: keyOf(box), spool, cloud, bandwidth, maxBody, clock, random: () => 1, log };
  const sender = new Sender(given);
  const stop = new AbortController();
  const running = sender.run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  atEnd(end);
  return { sender, end, log };
}

async function spooled(...bodies: string[]) {
  const clock = new ManualClock();
  const spool = await spoolIn(await temporary(), {}, clock.now);
  for (const body of bodies) await spool.append(reportOf("gate-1", body));
  return { clock, spool };
}

const waiting = (spool: Spool, box = "gate-1") => spool.counts.of(box).waiting;

it("keeps the type of a body with another charset that happens to be UTF-8", async () => {
  const cloud = await receiver();
  const { clock, spool } = await spooled();
  for (const charset of ["gbk", "UTF-8"]) {
    // 小 in GBK, С in UTF-8.
    const body = Buffer.from([0x22, 0xd0, 0xa1, 0x22]);
    await spool.append({ ...reportOf("gate-1", ""), contentType: `application/json; charset=${charset}`, body });
  }
  sending({ cloud: cloud.url, clock, spool });
  await until(() => waiting(spool) === 0);
  expect(cloud.heard.map(({ contentType }) => contentType)).toEqual([
    "application/octet-stream; charset=gbk",
    "application/json; charset=UTF-8",
  ]);
});

it("delivers under the box's key, with the received path and content type", async () => {
  const cloud = await receiver();
  const { clock, spool } = await spooled("{}");
  sending({ cloud: cloud.url, clock, spool });
  await until(() => waiting(spool) === 0);
  expect(cloud.heard).toEqual([
    { path: `/${keyOf("gate-1")}/HistoryEvent`, contentType: "application/json", body: "{}" },
  ]);
});

it.each([
  ["application/json", "application/octet-stream"],
  ["application/json; charset=GBK", "application/octet-stream; charset=GBK"],
  ["Text/Plain", "application/octet-stream"],
  ["multipart/form-data; boundary=x", "multipart/form-data; boundary=x"],
  ["application/vnd.box+json", "application/vnd.box+json"],
])("delivers a body of %s that is not UTF-8 as %s, against re-encoding", async (came, sent) => {
  const cloud = await receiver();
  const { clock, spool } = await spooled();
  await spool.append({ ...reportOf("gate-1", ""), contentType: came, body: Buffer.from([0x22, 0xc3, 0xf7, 0x22]) });
  sending({ cloud: cloud.url, clock, spool });
  await until(() => waiting(spool) === 0);
  expect(cloud.heard).toMatchObject([{ contentType: sent }]);
});

it("forwards a compressed body unchanged, with its encoding, and never splits it", async () => {
  const heard: { encoding: string | undefined; body: string }[] = [];
  const cloud = await listen(async (request, response) => {
    heard.push({ encoding: request.headers["content-encoding"], body: (await bodyOf(request)).toString() });
    response.end('{"message":"SUCCESS","status":0}');
  });
  atEnd(cloud.close);
  const { clock, spool } = await spooled();
  // Nothing of the bytes may be taken for a batch, even if they look like one.
  const body = '[{"n":1},{"n":2},{"n":3}]';
  await spool.append({ ...reportOf("gate-1", body), contentEncoding: "gzip" });
  sending({ cloud: cloud.url, clock, spool, maxBody: 10 });
  await until(() => waiting(spool) === 0);
  expect(heard).toEqual([{ encoding: "gzip", body }]);
});

it("loses nothing while the cloud is away for an hour, and keeps the order", async () => {
  let isAway = true;
  const cloud = await receiver(() => (isAway ? 503 : 200));
  const bodies = Array.from({ length: 20 }, (_, index) => `{"n":${index}}`);
  const { clock, spool } = await spooled(...bodies);
  sending({ cloud: cloud.url, clock, spool });
  for (let minute = 0; minute < 60; minute++) {
    await until(() => clock.sleepers === 1);
    clock.move(60_000);
  }
  expect(waiting(spool)).toBe(20);
  await until(() => clock.sleepers === 1);
  isAway = false;
  const before = cloud.heard.length;
  clock.move(60_000);
  await until(() => waiting(spool) === 0);
  expect(cloud.heard.slice(before).map(({ body }) => body)).toEqual(bodies);
});

it("waits longer every time, a minute at most, or as long as Retry-After says", async () => {
  const cloud = await receiver((_, index) => (index < 12 ? 500 : 200));
  const { clock, spool } = await spooled("{}");
  sending({ cloud: cloud.url, clock, spool });
  const waits: number[] = [];
  for (let tries = 1; tries <= 12; tries++) {
    await until(() => clock.sleepers === 1 && cloud.heard.length === tries);
    const from = clock.now();
    while (clock.sleepers === 1) clock.move(500);
    waits.push(clock.now() - from);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000, 60_000]);
});

it("waits as at first again after something was taken", async () => {
  const cloud = await receiver((_, index) => (index < 4 || index === 5 ? 500 : 200));
  const { clock, spool } = await spooled("first", "second");
  sending({ cloud: cloud.url, clock, spool });
  const waits: number[] = [];
  for (const tries of [1, 2, 3, 4, 6]) {
    await until(() => clock.sleepers === 1 && cloud.heard.length === tries);
    const from = clock.now();
    while (clock.sleepers === 1) clock.move(500);
    waits.push(clock.now() - from);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 500]);
});

it("an unwritable spool is reported, and each pause is longer", async () => {
  const cloud = await receiver();
  const { clock, spool } = await spooled("{}");
  const settle = vi.spyOn(spool, "settle").mockRejectedValue(new Error("database or disk is full"));
  const { sender, log } = sending({ cloud: cloud.url, clock, spool });
  const waits: number[] = [];
  for (let tries = 1; tries <= 4; tries++) {
    await until(() => clock.sleepers === 1 && cloud.heard.length === tries);
    expect(sender.lastError).toBe("the spool: database or disk is full");
    const from = clock.now();
    while (clock.sleepers === 1) clock.move(500);
    waits.push(clock.now() - from);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000]);
  expect(log.error).toHaveBeenCalledTimes(1);
  settle.mockRestore();
  await until(() => clock.sleepers === 1);
  clock.move(60_000);
  await until(() => waiting(spool) === 0);
  expect(sender.lastError).toBeNull();
});

describe("What the cloud answers:", () => {
  it.each([401, 408, 429, 500, 502, 503, 302, 204])("%i is tried again", async (status) => {
    const cloud = await receiver((_, index) => (index === 0 ? status : 200));
    const { clock, spool } = await spooled("{}");
    const { sender } = sending({ cloud: cloud.url, clock, spool });
    await until(() => clock.sleepers === 1);
    expect(waiting(spool)).toBe(1);
    expect(sender.lastError).toContain(String(status));
    clock.move(60_000);
    await until(() => waiting(spool) === 0);
    expect(spool.counts.of("gate-1")).toMatchObject({ sent: 1, refused: 0 });
  });

  it.each([400, 403, 404, 410, 422])("%i makes a dead letter, and blocks nothing", async (status) => {
    const cloud = await receiver((_, index) => (index === 0 ? status : 200));
    const { clock, spool } = await spooled("first", "second");
    sending({ cloud: cloud.url, clock, spool });
    await until(() => waiting(spool) === 0);
    expect(spool.counts.of("gate-1")).toMatchObject({ sent: 1, refused: 1 });
    expect(spool.counts.lastRefusal("gate-1")).toContain(String(status));
  });
});

it("an https address of a server without TLS is reported", async () => {
  const cloud = await receiver();
  const { clock, spool } = await spooled("{}");
  const { sender } = sending({ cloud: cloud.url.replace("http:", "https:"), clock, spool });
  await until(() => clock.sleepers === 1);
  expect(sender.lastError).toBe("no TLS is spoken there; is cloud.url to begin with http:?");
});

it("a 200 without Gatepost's acknowledgement is no delivery", async () => {
  const portal = await listen((_, response) => response.end("<html>sign in</html>"));
  atEnd(portal.close);
  const { clock, spool } = await spooled("{}");
  const { end } = sending({ cloud: portal.url, clock, spool });
  await until(() => clock.sleepers === 1);
  expect(waiting(spool)).toBe(1);
  await end();
});

it("a wrong address with only 404 answers is reported, and refuses no report", async () => {
  const state = { isWrong: true };
  const cloud = await receiver();
  const elsewhere = await listen(async (request, response) => {
    if (state.isWrong) return void response.writeHead(404).end(`Cannot ${request.method} ${request.url}`);
    const { status } = await fetch(`${cloud.url}${request.url}`, { method: "POST", body: await bodyOf(request) });
    response.writeHead(status).end('{"message":"SUCCESS","status":0}');
  });
  atEnd(elsewhere.close);
  const { clock, spool } = await spooled("{}");
  const { sender } = sending({ cloud: elsewhere.url, clock, spool });
  await until(() => clock.sleepers === 1);
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, aside: 0 });
  expect(sender.lastError).toMatch(/^404 .*is cloud\.url right\?$/);
  state.isWrong = false;
  clock.move(60_000);
  await until(() => waiting(spool) === 0);
  expect(cloud.heard.map(({ body }) => body)).toEqual(["{}"]);
});

it("an answer that repeats the URL leaves no key behind", async () => {
  const strict = await listen((request, response) => {
    if (request.method === "GET") response.end("This key works. Deliver reports to this URL with POST.\n");
    else response.writeHead(422).end(`cannot take ${request.url}`);
  });
  atEnd(strict.close);
  const { clock, spool } = await spooled("{}");
  const { sender } = sending({ cloud: strict.url, clock, spool });
  await until(() => spool.deadLetters.count === 1);
  const reasons = [sender.lastError, spool.counts.lastRefusal("gate-1"), spool.deadLetters.list()[0]?.reason];
  expect(reasons).toEqual(Array(3).fill("422 cannot take /gpi_…/HistoryEvent"));
});

describe("A batch that is too large", () => {
  const batch = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => ({ n: index })));
  const numbers = (heard: readonly { body: string }[]) =>
    heard
      .map(({ body }) => JSON.parse(body))
      .flatMap((sent) => sent.events ?? sent)
      .map(({ n }: { n: number }) => n);

  it("is halved until the cloud takes it, in order", async () => {
    const cloud = await receiver(({ body }) => (JSON.parse(body).length > 3 ? 413 : 200));
    const { clock, spool } = await spooled(batch(10));
    sending({ cloud: cloud.url, clock, spool });
    await until(() => waiting(spool) === 0);
    const accepted = cloud.heard.filter(({ body }) => JSON.parse(body).length <= 3);
    expect(numbers(accepted)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(spool.counts.of("gate-1")).toMatchObject({ sent: 1, refused: 0 });
  });

  it("is halved before it is sent, if its size is known", async () => {
    const cloud = await receiver();
    const { clock, spool } = await spooled(JSON.stringify({ events: JSON.parse(batch(8)) }));
    sending({ cloud: cloud.url, clock, spool, maxBody: 20 });
    await until(() => waiting(spool) === 0);
    expect(cloud.heard.every(({ body }) => body.length <= 20)).toBe(true);
    expect(numbers(cloud.heard)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("leaves on the side list only the one report that is too large by itself", async () => {
    const cloud = await receiver(({ body }) => (body.includes('"n":4') ? 413 : 200));
    const { clock, spool } = await spooled(batch(6));
    sending({ cloud: cloud.url, clock, spool });
    await until(() => waiting(spool) === 0);
    expect(spool.counts.of("gate-1")).toMatchObject({ refused: 1 });
    expect(spool.counts.lastRefusal("gate-1")).toContain("413");
    const taken = numbers(cloud.heard.filter(({ body }) => !body.includes('"n":4')));
    expect(taken).toEqual([0, 1, 2, 3, 5]);
  });

  it("blocks nothing if it is one report, and its reason says what to do", async () => {
    const cloud = await receiver(({ body }) => (body.length > 1000 ? 413 : 200));
    const { clock, spool } = await spooled(JSON.stringify({ reg_pic: "x".repeat(2000) }), "{}");
    sending({ cloud: cloud.url, clock, spool });
    await until(() => waiting(spool) === 0);
    expect(cloud.heard.map(({ body }) => body).at(-1)).toBe("{}");
    const [aside] = spool.deadLetters.list();
    expect(aside?.reason).toBe("413 too large for the cloud: have the box send fewer or smaller pictures");
  });

  it("is sent again whole if the cloud fails within it, and refused once", async () => {
    const cloud = await receiver(({ body }, index) =>
      index === 0 ? 413 : body.includes('"n":0') ? 400 : index < 4 ? 503 : 200,
    );
    const { clock, spool } = await spooled(batch(2));
    sending({ cloud: cloud.url, clock, spool });
    await until(() => clock.sleepers === 1);
    clock.move(60_000);
    await until(() => waiting(spool) === 0);
    expect(spool.counts.of("gate-1")).toMatchObject({ refused: 1 });
  });
});

describe("A batch of any size", () => {
  it.each([
    ["first", 0],
    ["third", 2],
    ["last", 3],
  ])("stays in the spool if the cloud fails at its %s piece", async (_, missing) => {
    const cloud = await receiver((_, index) => (index === missing ? 503 : 200));
    const { clock, spool } = await spooled('[{"n":0},{"n":1},{"n":2},{"n":3}]');
    sending({ cloud: cloud.url, clock, spool, maxBody: 10 });
    await until(() => clock.sleepers === 1);
    expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, sent: 0 });
    expect(cloud.heard).toHaveLength(missing + 1);
    clock.move(60_000);
    await until(() => waiting(spool) === 0);
    expect(cloud.heard.slice(missing + 1).map(({ body }) => JSON.parse(body)[0].n)).toEqual([0, 1, 2, 3]);
  });

  const list = (count: number) => `[${"{},".repeat(count - 1)}{}]`;

  it("is taken apart without parsing it", async () => {
    const cloud = await receiver();
    const { clock, spool } = await spooled(list(100_000));
    const parse = vi.spyOn(JSON, "parse");
    sending({ cloud: cloud.url, clock, spool, maxBody: 30_000 });
    await until(() => waiting(spool) === 0);
    const longest = Math.max(...parse.mock.calls.map(([text]) => text.length));
    parse.mockRestore();
    expect(longest).toBeLessThan(1000);
    expect(cloud.heard.every(({ body }) => body.length <= 30_000)).toBe(true);
    expect(cloud.heard.reduce((sum, { body }) => sum + JSON.parse(body).length, 0)).toBe(100_000);
  });

  it("is also split at lines, and incomplete JSON is not split", async () => {
    const cloud = await receiver();
    const { clock, spool } = await spooled('{"n":1}\n{"n":2}\r\n\n{"n":3}', `[${'{"n":0},'.repeat(10)}`);
    sending({ cloud: cloud.url, clock, spool, maxBody: 20 });
    await until(() => waiting(spool) === 0);
    expect(cloud.heard.map(({ body }) => body)).toEqual(['{"n":1}\n{"n":2}\r', '{"n":3}', `[${'{"n":0},'.repeat(10)}`]);
  });

  it("becomes one dead letter if none of its reports is accepted", async () => {
    const cloud = await receiver(() => 413);
    const { clock, spool } = await spooled(list(300_000), "{}");
    sending({ cloud: cloud.url, clock, spool });
    await until(() => waiting(spool) === 0);
    expect(spool.counts.of("gate-1")).toMatchObject({ refused: 2, aside: 2 });
    const [, first] = spool.deadLetters.list();
    expect(first).toMatchObject({ bytes: 900_001, reason: expect.stringContaining("more than 100 of its reports") });
    expect(cloud.heard.length).toBeLessThan(400);
  });
});

describe("A report that fails again and again", () => {
  const poison = ({ body }: { body: string }) => (body === '"poison"' ? 503 : 200);
  const passing = async (clock: ManualClock, isOver: () => boolean) => {
    while (!isOver()) {
      await until(() => clock.sleepers > 0 || isOver());
      clock.move(60_000);
    }
  };

  it("becomes a dead letter once the cloud accepts the next reports", async () => {
    const cloud = await receiver(poison);
    const { clock, spool } = await spooled('"poison"', "1", "2");
    const { sender } = sending({ cloud: cloud.url, clock, spool });
    await passing(clock, () => waiting(spool) === 0);
    expect(cloud.heard.map(({ body }) => body).filter((body) => body !== '"poison"')).toEqual(["1", "2"]);
    expect(spool.counts.of("gate-1")).toMatchObject({ sent: 2, refused: 1 });
    expect(spool.deadLetters.list()).toMatchObject([{ reason: expect.stringMatching(/^503 .*again and again/) }]);
    expect(sender.lastError).toBe(null);
  });

  it("is given up after ten tries, also with restarts between them", async () => {
    const cloud = await receiver(poison);
    const folder = await temporary();
    const before = await spoolIn(folder);
    for (const body of ['"poison"', "1"]) await before.append(reportOf("gate-1", body));
    await before.close();
    for (let start = 1; start <= 10; start++) {
      const spool = await spoolIn(folder);
      const clock = new ManualClock();
      const { end } = sending({ cloud: cloud.url, clock, spool });
      await until(() => clock.sleepers === 1);
      await end();
      await spool.close();
    }
    const after = await spoolIn(folder);
    expect(after.counts.of("gate-1")).toMatchObject({ waiting: 0, sent: 1, aside: 1 });
  });

  it("becomes a dead letter after a restart, too, and stays one", async () => {
    const cloud = await receiver(poison);
    const { clock, spool } = await spooled('"poison"', "1");
    const { end } = sending({ cloud: cloud.url, clock, spool });
    for (let tries = 1; tries <= 3; tries++) {
      await until(() => clock.sleepers === 1);
      clock.move(60_000);
    }
    await end();
    const again = sending({ cloud: cloud.url, clock, spool });
    await passing(clock, () => waiting(spool) === 0);
    await again.end();
    const heard = cloud.heard.length;
    sending({ cloud: cloud.url, clock, spool });
    await until(() => clock.sleepers === 1);
    expect(cloud.heard).toHaveLength(heard);
    expect(spool.deadLetters.count).toBe(1);
  });

  it("stays first if no later report is accepted, or none waits", async () => {
    let status = 503;
    const cloud = await receiver(() => status);
    const { clock, spool } = await spooled('"poison"');
    sending({ cloud: cloud.url, clock, spool });
    for (let tries = 1; tries <= 15; tries++) {
      await until(() => clock.sleepers === 1);
      if (tries === 12) await spool.append(reportOf("gate-1", "1"));
      clock.move(60_000);
    }
    await until(() => clock.sleepers === 1);
    expect(waiting(spool)).toBe(2);
    status = 200;
    const heard = cloud.heard.length;
    clock.move(60_000);
    await until(() => waiting(spool) === 0);
    expect(cloud.heard.slice(heard).map(({ body }) => body)).toEqual(['"poison"', "1"]);
  });

  it("is sent after the next report if the cloud just recovered", async () => {
    let posts = 0;
    const cloud = await receiver(({ body }) => (body === "1" || posts++ > 9 ? 200 : 503));
    const { clock, spool } = await spooled('"first"', "1");
    sending({ cloud: cloud.url, clock, spool });
    await passing(clock, () => waiting(spool) === 0);
    expect(cloud.heard.slice(-2).map(({ body }) => body)).toEqual(["1", '"first"']);
    expect(spool.counts.of("gate-1")).toMatchObject({ sent: 2, refused: 0 });
  });
});

describe("A try that is stopped", () => {
  /** A cloud that takes what `isTaken` says, and at whose last post the sender is stopped, without an answer. */
  async function stoppedAt(last: number, isTaken: (body: string) => boolean, ...bodies: string[]) {
    const stop = { sender: () => Promise.resolve() };
    let posts = 0;
    const cloud = await listen(async (request, response) => {
      posts += 1;
      if (posts === last) return void stop.sender();
      const status = isTaken((await bodyOf(request)).toString()) ? 200 : 503;
      response.writeHead(status).end('{"message":"SUCCESS","status":0}');
    });
    atEnd(cloud.close);
    const { clock, spool } = await spooled(...bodies);
    const { end, log, sender } = sending({ cloud: cloud.url, clock, spool });
    const ended = Promise.withResolvers<void>();
    stop.sender = () => end().then(ended.resolve, ended.reject);
    while (posts < last) {
      if (clock.sleepers > 0) clock.move(60_000);
      await until(() => clock.sleepers > 0 || posts === last);
    }
    await ended.promise;
    return { spool, log, sender };
  }

  it("does not count as a failure, and is not logged", async () => {
    const { spool, log, sender } = await stoppedAt(1, () => false, "{}");
    expect([log.warn.mock.calls, sender.lastError]).toEqual([[], null]);
    const report = spool.next("gate-1");
    expect(report && (await spool.noteFailure(report))).toBe(1);
  });

  it("makes no dead letter, even if other reports were accepted meanwhile", async () => {
    // Ten tries of the first report, one of the second, and one more of the first.
    const { spool } = await stoppedAt(12, (body) => body === "1", '"first"', "1");
    expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, sent: 1, aside: 0 });
  });
});

it("a box that the cloud does not take keeps no other box waiting", async () => {
  const cloud = await receiver(({ path }) => (path.includes(keyOf("gate-1")) ? 401 : 200));
  const { clock, spool } = await spooled("{}");
  await spool.append(reportOf("gate-2", "{}"));
  sending({ cloud: cloud.url, clock, spool });
  sending({ cloud: cloud.url, clock, spool, box: "gate-2" });
  await until(() => waiting(spool, "gate-2") === 0);
  expect(waiting(spool)).toBe(1);
});

it("sends no more a second than it may", async () => {
  const cloud = await receiver();
  const { clock, spool } = await spooled(...Array.from({ length: 10 }, () => "x".repeat(1000)));
  sending({ cloud: cloud.url, clock, spool, perSecond: 1000 });
  const start = clock.now();
  while (waiting(spool) > 0) {
    await until(() => clock.sleepers > 0 || waiting(spool) === 0);
    if (waiting(spool) > 0) clock.move(100);
  }
  expect(cloud.heard).toHaveLength(10);
  expect(clock.now() - start).toBeGreaterThanOrEqual(8000);
});

it("sends at full bandwidth after the clock is set back", async () => {
  const clock = new ManualClock();
  const bandwidth = new Bandwidth(1000, clock);
  const { signal } = new AbortController();
  await bandwidth.take(2000, signal);
  clock.move(-day);
  const isTaken = vi.fn();
  void bandwidth.take(1000, signal).then(isTaken);
  clock.move(1000);
  await until(() => isTaken.mock.calls.length === 1);
  expect(clock.sleepers).toBe(0);
});

it("never sends before the bandwidth allows it, even after hours", async () => {
  const clock = new ManualClock();
  const bandwidth = new Bandwidth(1024, clock);
  const { signal } = new AbortController();
  await bandwidth.take(5 * 1024 * 1024, signal);
  const isTaken = vi.fn();
  void bandwidth.take(1, signal).then(isTaken);
  clock.move(5_000_000);
  await new Promise(setImmediate);
  expect(isTaken).not.toHaveBeenCalled();
  clock.move(120_000);
  await until(() => isTaken.mock.calls.length === 1);
});

it("sends a new report at once", async () => {
  const cloud = await receiver();
  const { clock, spool } = await spooled();
  const { sender } = sending({ cloud: cloud.url, clock, spool });
  await until(() => clock.sleepers === 1);
  await spool.append(reportOf("gate-1", "{}"));
  sender.wake();
  await until(() => waiting(spool) === 0);
});
