import { type TerminalPassing, UniviewServer } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { admission } from "../../../../packages/bridge/src/relay/relay.ts";
import { SubscribedTerminals } from "../../../../packages/bridge/src/relay/subscribed-terminals.ts";
import { atEnd, ManualClock, until } from "../../../unit/simulator/support.ts";
import { bridgeFor, gatepost } from "./followed.ts";

const id = "210235FAKE0000000001";
const picture = Buffer.from("/9j/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==", "base64");

async function terminal({ password = "right" } = {}) {
  const server = await UniviewServer.open({ id, zone: 480, user: "admin", password });
  atEnd(() => server.close());
  let number = 0;
  const passes = (changes: Partial<TerminalPassing> = {}) => {
    number += 1;
    const at = Math.floor(Date.now() / 1000) * 1000;
    server.passes({ number, person: `00${number}`, at, direction: "in", picture, ...changes });
  };
  return { server, passes };
}

/** A terminal, a Gatepost, and a bridge between them by a clock that is moved by hand. */
async function followed() {
  const [cloud, one] = [await gatepost(), await terminal()];
  const clock = new ManualClock(Date.now());
  const address = { cloud: cloud.url, port: one.server.port };
  const running = await bridgeFor("uniview", address, { clock });
  await until(() => running.status()?.connected === true);
  return { ...one, cloud, clock, address, ids: () => cloud.deps.events().map(({ person }) => person.id), ...running };
}

describe("A terminal of Uniview that the bridge follows", () => {
  it("posts its verifications to the relay without a key", async () => {
    const { cloud, server, passes, ids, status } = await followed();
    passes();
    passes({ person: null });
    await server.deliver();
    expect(server.waiting).toBe(0);
    await until(() => ids().length === 2);
    const [first] = cloud.deps.events().filter(({ person }) => person.id === "001");
    expect(first).toMatchObject({ box: { id: "door" }, device: { id }, result: "granted", method: "face" });
    expect(Object.keys(first?.pictures ?? {})).toEqual(["face"]);
    expect(cloud.deps.reasons()).toEqual([]);
    expect(status()).toMatchObject({ connected: true, lastError: null });
  });

  it("keeps passings while the bridge is away, and posts them when it is back", async () => {
    const { server, passes, ids, address, folder, stop, cloud } = await followed();
    await stop();
    passes();
    await server.deliver();
    expect(server.waiting).toBe(1);
    const { status } = await bridgeFor("uniview", address, { folder });
    await until(() => status()?.connected === true);
    await server.deliver();
    await until(() => ids().length === 1);
    expect(cloud.deps.events()[0]?.reports).toMatchObject([{ kind: "backfill" }]);
  });

  it("has its subscription renewed by its id, and made again after a restart", async () => {
    const { server, passes, ids, clock } = await followed();
    const move = (wanted: readonly string[]) =>
      until(() => {
        clock.move(1000);
        return wanted.every((one, index) => server.asked[index] === one);
      });
    await move(["POST", "PUT 1000", "PUT 1000"]);
    server.restart();
    const before = server.asked.length;
    await until(() => {
      clock.move(1000);
      return server.asked.slice(before).includes("POST");
    });
    passes();
    await server.deliver();
    await until(() => ids().length === 1);
  });

  it("is subscribed to again in half an hour if it names no subscription", async () => {
    const [cloud, { server }] = [await gatepost(), await terminal()];
    server.replies = { Data: { ID: "../../../System/Reboot" } };
    const clock = new ManualClock(Date.now());
    const { status } = await bridgeFor("uniview", { cloud: cloud.url, port: server.port }, { clock });
    await until(() => status()?.connected === true);
    for (let minute = 0; minute < 29; minute++) clock.move(60_000);
    expect(server.asked).toEqual(["POST"]);
    await until(() => {
      clock.move(60_000);
      return server.asked.length > 1;
    });
    expect(server.asked).toEqual(["POST", "POST"]);
  });

  it("has one sign of life a minute delivered", async () => {
    const { cloud, server, clock } = await followed();
    await until(() => cloud.deps.notes.of("door")?.kinds.heartbeat?.count === 1);
    const renewed = server.asked.length;
    await until(() => {
      clock.move(1000);
      return server.asked.length === renewed + 2;
    });
    expect(cloud.requests).toHaveLength(1);
    expect(cloud.deps.reasons()).toEqual([]);
  });
});

describe("A terminal of Uniview that cannot be followed", () => {
  it.each([
    ["refuses", { ResponseCode: 5, ResponseString: "Not\nSupported" }, "the terminal answers 5 Not Supported"],
    ["refuses as text", { StatusCode: "12", StatusString: "No Room" }, "the terminal answers 12 No Room"],
  ])("is named in the status if it %s", async (_, replies, why) => {
    const [cloud, { server }] = [await gatepost(), await terminal()];
    server.replies = replies;
    const { status } = await bridgeFor("uniview", { cloud: cloud.url, port: server.port });
    await until(() => status()?.lastError !== null);
    expect(status()?.lastError).toBe(`/LAPI/V1.0/System/Event/Subscription: ${why}`);
  });

  it("is asked for ten minutes no more if it refuses the password", async () => {
    const [cloud, { server }] = [await gatepost(), await terminal({ password: "other" })];
    const clock = new ManualClock(Date.now());
    const { status } = await bridgeFor("uniview", { cloud: cloud.url, port: server.port }, { clock });
    await until(() => status()?.lastError !== null);
    expect(status()?.lastError).toMatch(/the terminal refuses the user or the password$/);
    for (let minute = 0; minute < 9; minute++) clock.move(60_000);
    expect(server.refusedLogins).toBe(1);
  });
});

describe("A report without a key at the relay", () => {
  const verification = ["LAPI", "V1.0", "System", "Event", "Notification", "PersonVerification"];
  const admitted = async (address: string, segments: readonly string[], subscribed: SubscribedTerminals) => {
    const admit = admission([], { clock: Date.now, subscribed });
    const head = { method: "POST", candidates: segments.slice(0, 1), segments, address, headers: {} };
    const { box } = await admit(head).catch(() => ({ box: null }));
    return box;
  };

  it("is of the subscribed terminal that has the address", async () => {
    const subscribed = new SubscribedTerminals();
    subscribed.set("door", "192.168.1.70");
    expect(await admitted("192.168.1.70", verification, subscribed)).toBe("door");
    expect(await admitted("::ffff:192.168.1.70", verification, subscribed)).toBe("door");
    expect(await admitted("192.168.1.71", verification, subscribed)).toBeNull();
    expect(await admitted("192.168.1.70", ["HistoryEvent"], subscribed)).toBeNull();
    subscribed.set("door", "192.168.1.71");
    expect(await admitted("192.168.1.70", verification, subscribed)).toBeNull();
    subscribed.remove("door");
    expect(await admitted("192.168.1.71", verification, subscribed)).toBeNull();
  });

  it("is of no terminal that shares its address with another", () => {
    const subscribed = new SubscribedTerminals();
    subscribed.set("door", "192.168.1.70");
    subscribed.set("gate", "192.168.1.71");
    expect(() => subscribed.set("gate", "192.168.1.70")).toThrow("the terminal of door has the same address");
    subscribed.set("door", "192.168.1.71");
    subscribed.set("gate", "192.168.1.70");
  });
});
