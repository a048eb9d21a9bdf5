import { DahuaServer, type TerminalPassing } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { Outgoing } from "../../../../packages/bridge/src/dahua/outgoing.ts";
import type { StreamEvent } from "../../../../packages/bridge/src/dahua/stream-event.ts";
import { listen } from "../../../standins/listen.ts";
import { send } from "../../../support/http.ts";
import { atEnd, ManualClock, until } from "../../../unit/simulator/support.ts";
import { keyOf } from "../support.ts";
import { bridgeFor, gatepost } from "./followed.ts";

const id = "00:11:22:AA:BB:CC";
const now = () => Math.floor(Date.now() / 1000);

async function terminal({ password = "right" } = {}) {
  const server = await DahuaServer.open({ id, zone: 480, user: "admin", password });
  atEnd(() => server.close());
  let number = 0;
  const passes = (changes: Partial<TerminalPassing> = {}) => {
    number += 1;
    const passing = { number, person: `00${number}`, at: now() * 1000, direction: "in", picture: null } as const;
    server.passes({ ...passing, ...changes });
  };
  /** Sees a face at its door, as it does several times in one approach. */
  const sees = (person: string, at = now()) =>
    server.event("_DoorFace_", { data: { UserID: person, OpenDoorMethod: 15, RealUTC: at, Similarity: 98 } });
  return { server, passes, sees };
}

const bridge = (cloud: string, port: number, options: Parameters<typeof bridgeFor>[2] = {}) =>
  bridgeFor("dahua", { cloud, port }, options);

/** A terminal, a Gatepost, and a bridge between them by a clock that is moved by hand. */
async function followed() {
  const [cloud, one] = [await gatepost(), await terminal()];
  const clock = new ManualClock(Date.now());
  const running = await bridge(cloud.url, one.server.port, { clock });
  await until(() => one.server.listeners === 1);
  const ids = () => cloud.deps.events().map(({ person }) => person.id ?? null);
  return { ...one, cloud, clock, ids: () => ids().sort(), ...running };
}

describe("A terminal of Dahua that the bridge follows", () => {
  it("has its events delivered as if it had posted them", async () => {
    const { cloud, passes, ids, status } = await followed();
    passes();
    passes({ person: null });
    passes({ direction: "out", person: "0042" });
    await until(() => ids().length === 3);
    expect(ids()).toEqual(["001", "0042", null]);
    const [first] = cloud.deps.events().filter(({ person }) => person.id === "0042");
    expect(first).toMatchObject({
      result: "granted",
      method: "face",
      box: { id: "door" },
      device: { id: id.toLowerCase(), direction: "out" },
    });
    expect(cloud.deps.reasons()).toEqual([]);
    expect(status()).toMatchObject({ connected: true, lastError: null });
  });

  it("has a passing joined that it also posts by itself", async () => {
    const { cloud, server, ids, isIdle } = await followed();
    for (const UserID of ["0042", ""]) {
      const data = { UserID, CardName: "", Method: 15, Status: 1, Type: "Entry", UTC: now(), SnapPath: "/a.jpg" };
      server.event("AccessControl", { data });
      const event = { Action: "Pulse", Code: "AccessControl", Index: 0, PhysicalAddress: id, Data: data };
      await send(cloud.deps, { path: `/${keyOf("door")}/notification`, body: { Events: [event], Time: "" } });
    }
    await until(() => ids().length >= 2 && isIdle());
    server.event("AccessControl", { data: { UserID: "last", UTC: now() } });
    await until(() => ids().includes("last"));
    expect(ids()).toEqual(["0042", "last", null]);
  });

  it("is followed again after an interruption", async () => {
    const { server, passes, ids, clock, log } = await followed();
    for (let round = 1; round <= 3; round++) {
      server.cut();
      await until(() => {
        clock.move(1000);
        return server.listeners === 1;
      });
      passes();
      await until(() => ids().length === round);
    }
    expect(log.filter((line) => line.startsWith("connected"))).toHaveLength(4);
  });

  it("sends one sign of life a minute, however many it gives", async () => {
    const { cloud, server, passes, ids } = await followed();
    for (let count = 0; count < 50; count++) {
      server.sendPart("Heartbeat");
      server.event("DoorStatus", { data: { Status: "Open" } });
      server.sendPart("Code=VideoMotionInfo;action=State;index=0");
    }
    passes();
    await until(() => ids().length === 1);
    expect(cloud.requests).toHaveLength(2);
    expect(cloud.deps.notes.of("door")?.kinds.heartbeat?.count).toBe(1);
    expect(cloud.deps.reasons()).toEqual([]);
  });

  it("has an event kept in quarantine if it cannot be read", async () => {
    const { cloud, server } = await followed();
    const kept = ['Code=AccessControl;action=Pulse;index=0;data={"UserID":', "Code=AccessControl;action=Pulse;index=0"];
    for (const text of [...kept, "Code=VideoMotion;action=Start;index=0;data={", ";data={}", "=;=;data=", "\0"])
      server.sendPart(text);
    await until(() => cloud.deps.reasons().length === kept.length);
  });
});

describe("Faces at a door", () => {
  it("are another approach after an interruption", async () => {
    const { server, sees, ids, clock } = await followed();
    sees("0042");
    await until(() => {
      clock.move(2000);
      return ids().length === 1;
    });
    server.cut();
    await until(() => {
      clock.move(1000);
      return server.listeners === 1;
    });
    sees("0042", now() + 60);
    await until(() => {
      clock.move(2000);
      return ids().length === 2;
    });
  });

  it("are delivered at once if the stream ends during the approach", async () => {
    const { server, sees, passes, ids } = await followed();
    sees("0042");
    passes({ person: "last" });
    await until(() => ids().includes("last"));
    expect(ids()).toEqual(["last"]);
    server.cut();
    await until(() => ids().length === 2);
    expect(ids()).toEqual(["0042", "last"]);
  });

  it("are one passing for each approach of a person", async () => {
    const { sees, passes, ids, clock } = await followed();
    const at = now();
    for (let second = 0; second < 5; second++) sees("0042", at + second);
    passes({ person: "last" });
    await until(() => ids().includes("last"));
    expect(ids()).toEqual(["last"]);
    await until(() => {
      clock.move(2000);
      return ids().length > 1;
    });
    expect(ids()).toEqual(["0042", "last"]);
  });

  it.each([
    ["before", true],
    ["after", false],
  ])("are left out if the passing is reported %s them", async (_, isBefore) => {
    const { sees, passes, ids, clock, isIdle } = await followed();
    const at = now() * 1000 - 1000;
    if (isBefore) passes({ person: "0042", at });
    sees("0042");
    sees("");
    if (!isBefore) passes({ person: "0042", at });
    passes({ person: null });
    await until(() => ids().length === 2 && isIdle());
    for (let looks = 0; looks < 10; looks++) clock.move(2000);
    passes({ person: "last" });
    await until(() => ids().length === 3);
    expect(ids()).toEqual(["0042", "last", null]);
  });

  it("stay if they are of strangers and an event cannot be read", async () => {
    const { cloud, server, sees, ids, clock } = await followed();
    sees("");
    server.sendPart("Code=AccessControl;action=Pulse;index=0;data={");
    await until(() => cloud.deps.reasons().length === 1);
    await until(() => {
      clock.move(2000);
      return ids().length === 1;
    });
  });

  it("are each a passing if they are of strangers", async () => {
    const { sees, ids, clock } = await followed();
    for (let second = 0; second < 3; second++) sees("", now() - second);
    await until(() => {
      clock.move(2000);
      return ids().length === 3;
    });
  });

  it("are delivered if the bridge is stopped meanwhile", async () => {
    const { cloud, server, sees, passes, ids, stop, folder } = await followed();
    sees("0042");
    passes();
    await until(() => ids().length === 1);
    await stop();
    await bridge(cloud.url, server.port, { folder });
    await until(() => ids().length === 2);
  });
});

describe("The passings of a stream", () => {
  const event = (person: string, bytes = 1): StreamEvent => ({
    report: { path: "/", contentType: "", contentEncoding: null, body: Buffer.alloc(bytes) },
    kind: "passing",
    person,
  });

  /** Passings on their way to a disk that may be full, and the persons of the written ones. */
  function outgoing() {
    const state = { isFull: true };
    const lost: string[] = [];
    const written: StreamEvent["report"][] = [];
    const log = { info() {}, warn() {}, error: (message: string) => void lost.push(message) };
    const take = async (report: StreamEvent["report"]) => {
      if (state.isFull) throw new Error("the disk is full");
      written.push(report);
    };
    return { state, lost, written, all: new Outgoing({ box: "door", log, take }) };
  }

  it("are written later if the disk is full, in order", async () => {
    const { state, lost, written, all } = outgoing();
    const [first, second] = [event("1"), event("1")];
    await all.add(first);
    await all.look();
    await all.add(second);
    state.isFull = false;
    await all.look();
    expect([written, lost]).toEqual([[first.report, second.report], []]);
    await all.look();
    expect(written).toHaveLength(2);
  });

  it.each([
    ["2000", 2001, 1],
    ["16 MB", 17, 1024 * 1024],
  ])("are at most %s while the disk is full, the newest", async (_, count, bytes) => {
    const { state, lost, written, all } = outgoing();
    const sent = Array.from({ length: count }, (__, index) => event(`${index}`, bytes));
    for (const one of sent) await all.add(one);
    state.isFull = false;
    await all.finish();
    expect(written).toEqual(sent.slice(1).map(({ report }) => report));
    expect(lost).toEqual(["event lost: the disk took none for too long"]);
  });
});

describe("A terminal of Dahua that cannot be followed", () => {
  it("is asked for ten minutes no more if it refuses the password", async () => {
    const [cloud, { server }] = [await gatepost(), await terminal({ password: "other" })];
    const clock = new ManualClock(Date.now());
    const { status } = await bridge(cloud.url, server.port, { clock });
    await until(() => status()?.lastError !== null);
    expect(status()?.lastError).toBe("/cgi-bin/configManager.cgi: the terminal refuses the user or the password");
    for (let minute = 0; minute < 9; minute++) clock.move(60_000);
    expect(server.refusedLogins).toBe(1);
    await until(() => {
      clock.move(60_000);
      return server.refusedLogins === 2;
    });
  });

  it("is asked for ten minutes no more if it has locked the user", async () => {
    const cloud = await gatepost();
    let asked = 0;
    const { url, close } = await listen((_, response) => {
      asked += 1;
      response.writeHead(403).end();
    });
    atEnd(close);
    const clock = new ManualClock(Date.now());
    const { status } = await bridge(cloud.url, Number(new URL(url).port), { clock });
    await until(() => status()?.lastError !== null);
    for (let minute = 0; minute < 9; minute++) clock.move(60_000);
    expect(asked).toBe(1);
    await until(() => {
      clock.move(60_000);
      return asked === 2;
    });
  });

  it.each([-3_600_000, 3_600_000])("is left and followed again if the clock jumps by %i ms", async (jump) => {
    const [cloud, { server }] = [await gatepost(), await terminal()];
    const steady = new ManualClock(Date.now());
    let ahead = 0;
    const clock = { now: () => steady.now() + ahead, sleep: steady.sleep.bind(steady) };
    const { log } = await bridge(cloud.url, server.port, { clock });
    await until(() => server.listeners === 1);
    ahead = jump;
    await until(() => {
      steady.move(2000);
      return log.some((line) => line.includes("does not answer any more"));
    });
    await until(() => {
      steady.move(1000);
      return log.filter((line) => line.startsWith("connected")).length > 1;
    });
  });

  const network = `table.Network.eth0.PhysicalAddress=${id}\r\n`;
  const stream = (answer: string) => (path: string) => (path.includes("eventManager") ? answer : network);

  it.each([
    ["no terminal", () => "<html>", "no terminal of Dahua"],
    ["settings without end", () => "x".repeat(100_000), "answers without end"],
    ["a stream that is none", stream("Error\r\nBad Request!"), "sends no multipart"],
    ["a stream without end", stream("--x\r\nContent-Length:99999999\r\n\r\n"), "too large"],
    ["a stream that ends", stream("--x\r\n"), "has ended its stream"],
  ])("is reported: %s", async (_, answer, why) => {
    const cloud = await gatepost();
    const { url, close } = await listen((request, response) => void response.end(answer(request.url ?? "")));
    atEnd(close);
    const { status } = await bridge(cloud.url, Number(new URL(url).port));
    await until(() => status()?.lastError?.includes(why) ?? false);
  });

  it.each([
    ["403", 403, "configManager.cgi: the terminal answers 403"],
    ["a redirect", 302, "configManager.cgi: unexpected redirect"],
  ])("is reported if it answers %s", async (_, status, why) => {
    const cloud = await gatepost();
    const { url, close } = await listen((_request, response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end();
    });
    atEnd(close);
    const running = await bridge(cloud.url, Number(new URL(url).port));
    await until(() => running.status()?.lastError?.includes(why) ?? false);
  });
});
