import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HikvisionServer, type TerminalPassing } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { readPages, readPicture } from "../../../../packages/bridge/src/hikvision/isapi.ts";
import { TerminalClock } from "../../../../packages/bridge/src/hikvision/terminal-clock.ts";
import { BoxError } from "../../../../packages/bridge/src/se5/box-error.ts";
import { listen } from "../../../standins/listen.ts";
import { send } from "../../../support/http.ts";
import { atEnd, ManualClock, until } from "../../../unit/simulator/support.ts";
import { keyOf } from "../support.ts";
import { gatepost as anyGatepost, bridgeFor } from "./followed.ts";

const id = "00:11:22:33:44:55";
const jpeg = Buffer.from("ffd8ffe000104a464946ffd9", "hex");
const second = 1000;

/** A Gatepost in memory, with the numbers of the events that it has. */
async function gatepost() {
  const cloud = await anyGatepost();
  const numbers = () =>
    cloud.deps.events().map(({ extra }) => Number(Object(extra["AccessControllerEvent"])["serialNo"]));
  return { ...cloud, numbers: () => numbers().sort((a, b) => a - b) };
}

async function terminal(options: { password?: string; hasStream?: boolean; now?: () => number } = {}) {
  const server = await HikvisionServer.open({
    id,
    zone: 480,
    user: "admin",
    password: "right",
    now: Date.now,
    ...options,
  });
  atEnd(() => server.close());
  let number = 0;
  const passes = (changes: Partial<TerminalPassing> = {}) => {
    number += 1;
    const at = Math.floor(Date.now() / second) * second;
    server.passes({ number, person: `0${number}`, at, direction: "in", picture: null, ...changes });
  };
  return { server, passes, passed: () => number };
}

const bridge = (cloud: string, port: number, options: Parameters<typeof bridgeFor>[2] = {}) =>
  bridgeFor("hikvision", { cloud, port }, options);

/** The time up to which everything was taken, as it is on the disk. */
function markIn(folder: string): unknown {
  using database = new DatabaseSync(join(folder, "spool.db"), { readOnly: true });
  return database.prepare("SELECT at FROM marks WHERE box = 'door'").get()?.["at"];
}

/** Lets a terminal pass people until the bridge has caught up, and moves its mark with each of them. */
async function caughtUp({ server, passes }: Awaited<ReturnType<typeof terminal>>, folder: string): Promise<void> {
  await until(() => server.listeners === 1 && server.searches >= 2);
  const before = markIn(folder);
  await until(() => {
    passes();
    return markIn(folder) !== before;
  });
}

describe("A terminal of Hikvision that the bridge follows", () => {
  it("has its events delivered as if it had posted them, with pictures", async () => {
    const cloud = await gatepost();
    const { server, passes } = await terminal();
    const { status } = await bridge(cloud.url, server.port);
    await until(() => server.listeners === 1);
    passes({ picture: jpeg });
    passes({ person: null });
    await until(() => cloud.numbers().length === 2);
    const [first] = cloud.deps.events().filter(({ person }) => person.id === "01");
    expect(first).toMatchObject({
      result: "granted",
      method: "face",
      box: { id: "door" },
      device: { id, direction: "in" },
      pictures: { face: { sha256: expect.any(String) } },
    });
    expect(cloud.requests.filter((type) => type.startsWith("multipart/form-data"))).toHaveLength(1);
    expect(status()).toMatchObject({ connected: true, lastError: null });
  });

  it("has missed events fetched after every interruption, each once", async () => {
    const cloud = await gatepost();
    const camera = await terminal();
    const { folder } = await bridge(cloud.url, camera.server.port);
    await caughtUp(camera, folder);
    for (let round = 0; round < 3; round++) {
      camera.passes();
      camera.server.cut();
      camera.passes({ picture: jpeg });
      await until(() => camera.server.listeners === 1);
    }
    camera.passes();
    const all = () => cloud.numbers();
    await until(() => all().length === all().at(-1) && all().length >= 8);
    expect(all()).toEqual(all().map((_, index) => index + 1));
  });

  it("has events fetched that happened while the bridge was off", async () => {
    const cloud = await gatepost();
    const camera = await terminal();
    const first = await bridge(cloud.url, camera.server.port);
    await caughtUp(camera, first.folder);
    await until(() => first.isIdle() && cloud.numbers().length === camera.passed());
    await first.stop();
    const before = cloud.numbers().length;
    for (let count = 0; count < 70; count++) camera.passes(count === 3 ? { picture: jpeg } : {});
    const second = await bridge(cloud.url, camera.server.port, { folder: first.folder });
    await until(() => cloud.numbers().length === before + 70);
    expect(cloud.deps.events().filter(({ pictures }) => pictures.face?.sha256 !== undefined)).toHaveLength(1);
    await until(() => second.isIdle());
    await second.stop();
    const [requests, searches] = [cloud.requests.length, camera.server.searches];
    await bridge(cloud.url, camera.server.port, { folder: first.folder });
    await until(() => camera.server.searches >= searches + 4);
    camera.passes();
    await until(() => cloud.numbers().length === before + 71);
    expect(cloud.requests.length).toBe(requests + 1);
  });

  it("has a record and its streamed event joined, also if it posts by itself", async () => {
    const cloud = await gatepost();
    const camera = await terminal();
    camera.passes({ picture: jpeg });
    await bridge(cloud.url, camera.server.port);
    await until(() => cloud.numbers().length === 1);
    const posted = { macAddress: id, eventType: "AccessControllerEvent", dateTime: "", AccessControllerEvent: {} };
    const [event] = cloud.deps.events();
    posted.dateTime = new Date(Number(event?.timestamp) + 8 * 3600 * second).toISOString().replace(".000Z", "+08:00");
    posted.AccessControllerEvent = { majorEventType: 5, subEventType: 75, serialNo: 1, employeeNoString: "01" };
    await send(cloud.deps, { path: `/${keyOf("door")}/HikEvent`, body: posted });
    expect(cloud.numbers()).toEqual([1]);
  });

  it("is asked for its records alone if it has no stream", async () => {
    const cloud = await gatepost();
    const { server, passes } = await terminal({ hasStream: false });
    const { status } = await bridge(cloud.url, server.port, { lookEvery: 30 });
    for (let count = 1; count <= 3; count++) {
      passes();
      await until(() => cloud.numbers().length === count);
    }
    expect(status()).toMatchObject({ connected: true, lastError: null });
  });

  it("has events of a clock that was reset fetched, too", async () => {
    const cloud = await gatepost();
    const camera = await terminal();
    camera.passes({ at: Date.parse("2000-01-01T00:00:07+08:00") });
    camera.passes();
    await bridge(cloud.url, camera.server.port);
    await until(() => cloud.numbers().length === 2);
  });

  it.each([-7200, 7200, 86_400 * 400])("loses nothing with a clock that is %i s wrong", async (wrong) => {
    const cloud = await gatepost();
    const camera = await terminal({ now: () => Date.now() + wrong * second });
    const passes = () => camera.passes({ at: Math.floor(Date.now() / second) * second + wrong * second });
    const first = await bridge(cloud.url, camera.server.port);
    await until(() => camera.server.listeners === 1);
    passes();
    await until(() => cloud.numbers().length === 1 && first.isIdle());
    await first.stop();
    passes();
    camera.passes();
    await bridge(cloud.url, camera.server.port, { folder: first.folder });
    await until(() => cloud.numbers().length === 3);
    expect(cloud.numbers()).toEqual([1, 2, 3]);
  });

  it("has an event delivered as it is if it cannot be read", async () => {
    const cloud = await gatepost();
    const { server } = await terminal();
    await bridge(cloud.url, server.port);
    await until(() => server.listeners === 1);
    for (const text of [
      '{"eventType":"heartBeat"}',
      '{"AccessControllerEvent":{"serialNo":7',
      '{"AccessControllerEvent":',
    ])
      server.send(Buffer.from(`--MIME_boundary\r\nContent-Length: ${text.length}\r\n\r\n${text}\r\n`));
    await until(() => cloud.deps.reasons().length === 2);
  });

  it("sends one sign of life a minute, however many it gives", async () => {
    const cloud = await gatepost();
    const { server, passes } = await terminal();
    await bridge(cloud.url, server.port);
    await until(() => server.listeners === 1);
    const beat = JSON.stringify({ macAddress: id, eventType: "heartBeat" });
    for (let count = 0; count < 50; count++)
      server.send(Buffer.from(`--MIME_boundary\r\nContent-Length: ${beat.length}\r\n\r\n${beat}\r\n`));
    passes();
    await until(() => cloud.numbers().length === 1);
    expect(cloud.requests).toHaveLength(2);
  });
});

describe("A terminal that cannot be followed", () => {
  it("is asked for ten minutes no more if it refuses the password", async () => {
    const cloud = await gatepost();
    const { server } = await terminal({ password: "other" });
    const clock = new ManualClock(Date.now());
    const { status } = await bridge(cloud.url, server.port, { clock });
    await until(() => status()?.lastError !== null);
    expect(status()?.lastError).toBe("/ISAPI/System/deviceInfo: the terminal refuses the user or the password");
    for (let minute = 0; minute < 9; minute++) clock.move(60_000);
    expect(server.refusedLogins).toBe(1);
    await until(() => {
      clock.move(60_000);
      return server.refusedLogins === 2;
    });
  });

  it("is left if its stream freezes, and followed again", async () => {
    const cloud = await gatepost();
    const { server } = await terminal();
    const clock = new ManualClock(Date.now());
    const { status, log } = await bridge(cloud.url, server.port, { clock });
    await until(() => status()?.connected === true);
    await until(() => {
      clock.move(1000);
      return log.some((line) => line.includes("does not answer any more"));
    });
    await until(() => {
      clock.move(1000);
      return log.filter((line) => line.startsWith("connected")).length > 1;
    });
  });

  it.each([
    ["no terminal", () => "<html>", "no terminal of Hikvision"],
    ["a stream that is none", (path: string) => (path.endsWith("Stream") ? "<html>" : info), "sends no multipart"],
    ["a stream without end", (path: string) => (path.endsWith("Stream") ? endless : info), "too large"],
    ["a stream that ends", (path: string) => (path.endsWith("Stream") ? "--x\r\n" : info), "has ended its stream"],
  ])("is reported: %s", async (_, answer, why) => {
    const cloud = await gatepost();
    const { url, close } = await listen((request, response) => void response.end(answer(request.url ?? "")));
    atEnd(close);
    const { status } = await bridge(cloud.url, Number(new URL(url).port));
    await until(() => status()?.lastError?.includes(why) ?? false);
  });

  it.each([
    ["another login", "Basic realm=x", "another login than digest"],
    ["a nonce that is always too old", 'Digest realm="a", nonce="b", stale=true', "refuses the user or the password"],
  ])("is reported if it wants %s", async (_, challenge, why) => {
    const cloud = await gatepost();
    const { url, close } = await listen((_request, response) => {
      response.writeHead(401, { "www-authenticate": challenge }).end();
    });
    atEnd(close);
    const { status } = await bridge(cloud.url, Number(new URL(url).port));
    await until(() => status()?.lastError?.includes(why) ?? false);
  });
});

describe("The picture of a record", () => {
  const picture = (answer: () => Promise<Buffer>, url = "http://10.0.0.9/pic/1.jpeg@WEB1") => {
    const asked: string[] = [];
    const ask = ({ path }: { path: string }) => {
      asked.push(path);
      return answer();
    };
    return { asked, read: readPicture({ ask }, url, new AbortController().signal) };
  };

  it("is read from the terminal itself, also if it names another address", async () => {
    const { asked, read } = picture(() => Promise.resolve(jpeg));
    expect([await read, asked]).toEqual([jpeg, ["/pic/1.jpeg@WEB1"]]);
  });

  it.each([
    ["a file", "file:///etc/passwd"],
    ["no host", "http://"],
    ["nothing", ""],
    ["an address that is too long", "x".repeat(3000)],
    ["no path", "http://10.0.0.9/"],
  ])("is none at %s", async (_, url) => {
    const { asked, read } = picture(() => Promise.resolve(jpeg), url);
    expect([await read, asked]).toEqual([null, []]);
  });

  it.each([404, 500])("is left out if the terminal answers %i", async (status) => {
    expect(await picture(() => Promise.reject(new BoxError("no", { status }))).read).toBeNull();
  });

  it("is asked for again if the terminal did not answer", async () => {
    await expect(picture(() => Promise.reject(new BoxError("ECONNRESET"))).read).rejects.toThrow("ECONNRESET");
  });
});

describe("The records of a terminal", () => {
  const span = { from: 0, to: 1 };
  const clock = new TerminalClock("2026-11-24T08:01:18+08:00", Date.now());
  const all = async (answer: (asked: number) => string) => {
    let asked = 0;
    const ask = () => Promise.resolve(Buffer.from(answer(asked++)));
    const pages: unknown[] = [];
    const signal = new AbortController().signal;
    for await (const page of readPages({ ask }, { span, clock, searchId: "1" }, signal)) pages.push(page);
    return pages;
  };
  const page = (time: number) => JSON.stringify({ AcsEvent: { responseStatusStrg: "MORE", InfoList: [{ time }] } });

  it("end with a page that is the same as the one before", async () => {
    expect(await all((asked) => page(Math.min(asked, 2)))).toHaveLength(3);
  });

  it("are left if they have no end", async () => {
    await expect(all(page)).rejects.toThrow("records without end");
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "<html>"],
    ["an empty object", "{}"],
    ["an object as the list", '{"AcsEvent":{"InfoList":{}}}'],
    ["a number as a record", '{"AcsEvent":{"InfoList":[1]}}'],
    ["nesting without end", "[".repeat(100_000)],
  ])("are reported if they are %s", async (_, answer) => {
    await expect(all(() => answer)).rejects.toThrow("something else than documented");
  });
});

const info = "<DeviceInfo><deviceName>a</deviceName><macAddress>00:11</macAddress></DeviceInfo>";
const endless = "--x\r\nContent-Length: 99999999\r\n\r\n";
