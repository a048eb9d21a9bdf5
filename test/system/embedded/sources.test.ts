import { pbkdf2Sync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSources, trySource } from "@gatepost/embedded";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { temporaryDataFolder } from "../../runtime/embedded/temporary.ts";
import { Mosquitto, olderBroker, refusing, withoutMosquitto } from "../../standins/mosquitto.ts";
import { pemOf } from "../../support/certificates.ts";
import { Client } from "../../support/client.ts";
import { encryptedFront } from "../../support/encrypted-front.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { gatepost } from "../cli/support.ts";

const listed = z.object({
  sources: z.array(
    z.object({ name: z.string(), key: z.string().nullable(), isConnected: z.boolean(), fault: z.string().nullable() }),
  ),
  fault: z.string().nullable(),
});

describe.skipIf(withoutMosquitto !== null)("a source of MQTT", () => {
  let folder: Awaited<ReturnType<typeof temporaryDataFolder>>;
  let brokerFolder: Awaited<ReturnType<typeof temporaryDataFolder>>;
  let broker: Mosquitto;
  let running: GatepostProcess;
  let client: Client;
  beforeEach(async () => {
    [folder, brokerFolder] = [await temporaryDataFolder(), await temporaryDataFolder()];
    broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
    await start();
  });
  afterEach(async () => {
    await running.stop();
    await broker.kill();
    await Promise.all([folder.remove(), brokerFolder.remove()]);
  });

  async function start() {
    running = await startGatepost(folder.path);
    client = new Client(running);
  }
  const states = async () => listed.parse(await (await client.get("/v1/sources")).json());
  const setSources = (sources: unknown) => writeFile(join(folder.path, "sources.json"), JSON.stringify(sources));
  const door = () => ({ name: "door", mqtt: broker.url, topics: ["doors/+/card"], box: "gate-3" });
  const connected = () => expect.poll(states).toMatchObject({ sources: [{ isConnected: true, fault: null }] });
  const events = () => client.events("&box=gate-3");
  const kept = async () =>
    ((await (await client.get("/v1/quarantine?box=gate-3")).json()) as { records: object[] }).records;

  async function teach() {
    const fields = { card: { at: "card" }, "person.id": { at: "card" }, "device.id": { at: { topic: 1 } } };
    const mapping = { name: "Door", box: "gate-3", when: { has: ["card"], is: { op: "pass" } }, fields };
    expect((await client.post("/v1/mappings", mapping)).status).toBe(201);
  }
  const passing = (card: number | string) => JSON.stringify({ op: "pass", card: String(card) });
  const from = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);
  const cards = async () => (await events()).map(({ card }) => Number(card)).toSorted((a, b) => a - b);

  it("delivers what is published, with the levels of its topic, and keeps what is not known", async () => {
    await teach();
    await setSources([door()]);
    await connected();
    await broker.publish("doors/north/card", [passing(7), '{"what":"else"}', ""]);
    await broker.publish("doors/north/else", [passing(8)]);
    await expect.poll(events).toMatchObject([{ card: "7", device: { id: "north" } }]);
    await expect.poll(kept).toMatchObject([{ path: "/doors/north/card", reason: "unknown-shape" }]);
  });

  it("loses and doubles nothing while Gatepost and the broker are killed", async () => {
    await teach();
    await setSources([door()]);
    await connected();
    for (const round of [0, 1, 2]) {
      const publishing = broker.publish("doors/a/card", from(round * 40, 40).map(passing));
      await expect.poll(async () => (await events()).length).toBeGreaterThan(round * 40 + 2);
      await running.kill();
      await publishing;
      await start();
    }
    await expect.poll(cards).toEqual(from(0, 120));
    await running.stop();
    await broker.publish("doors/a/card", from(120, 30).map(passing));
    await broker.kill();
    await broker.begin();
    await start();
    await expect.poll(cards).toEqual(from(0, 150));
    await broker.publish("doors/a/card", from(150, 30).map(passing));
    await broker.kill();
    await broker.begin();
    await connected();
    await broker.publish("doors/a/card", [passing(180)]);
    await expect.poll(cards).toEqual(from(0, 181));
  });

  it("delivers what a broker has kept from before only if it is asked to, and once", async () => {
    await teach();
    await broker.publish("doors/north/card", [passing(7)], true);
    await setSources([door()]);
    await connected();
    await broker.publish("doors/north/card", [passing(8)]);
    await expect.poll(cards).toEqual([8]);
    await setSources([{ ...door(), name: "all", retained: true }]);
    await expect.poll(cards).toEqual([7, 8]);
    await running.stop();
    await start();
    await connected();
    await broker.publish("doors/north/card", [passing(9)]);
    await expect.poll(cards).toEqual([7, 8, 9]);
  });

  it("waits while its key is revoked, and then delivers by a new one what has waited", async () => {
    await teach();
    await setSources([door()]);
    await connected();
    const [{ key } = { key: null }] = (await states()).sources;
    expect((await client.delete(`/v1/keys/${key}`)).status).toBeLessThan(300);
    const fault = `its key ${key} was revoked: make another by "gatepost sources key door", which then delivers what waits`;
    await expect.poll(states).toMatchObject({ sources: [{ isConnected: false, fault }] });
    expect(await (await client.get("/healthz")).json()).toMatchObject({ status: "degraded" });
    const tried = await gatepost("sources", "test", "door", "--data", folder.path);
    expect(tried).toMatchObject({ code: 1, stderr: expect.stringContaining(fault) });
    await broker.publish("doors/north/card", [passing(7)]);
    expect(await events()).toEqual([]);
    const renewed = await gatepost("sources", "key", "door", "--rate", "50/s", "--data", folder.path);
    expect(renewed).toMatchObject({ code: 0 });
    await expect.poll(cards).toEqual([7]);
    const { keys } = (await (await client.get("/v1/keys")).json()) as { keys: object[] };
    expect(keys).toContainEqual(
      expect.objectContaining({
        note: "source door",
        box: "gate-3",
        rate: { perSecond: 50, burst: 50 },
        revokedAt: null,
      }),
    );
    await expect.poll(async () => (await client.get("/v1/audit?action=key-made")).text()).toContain('"source":"door"');
  });

  it("delivers as fast as the rate of its key lets it, on one connection", async () => {
    await teach();
    await setSources([door()]);
    await connected();
    const made = await gatepost("sources", "key", "door", "--rate", "2/s", "1", "--data", folder.path);
    const [key] = /key_\w+/.exec(made.stdout) ?? [];
    await expect.poll(states).toMatchObject({ sources: [{ key, isConnected: true, fault: null }] });
    await broker.publish("doors/north/card", from(0, 6).map(passing));
    await expect.poll(cards).toEqual(from(0, 6));
    expect(running.log()).not.toContain("source is not connected");
  });

  it("is forgotten with its key when it is removed, and leaves a key alone that was not made for it", async () => {
    await setSources([door()]);
    await connected();
    await setSources([]);
    await expect.poll(states).toEqual({ sources: [], fault: null });
    await expect
      .poll(async () => (await client.get("/v1/audit?action=key-revoked")).text())
      .toContain('"source":"door"');
    const { id: key, token } = await client.createKey("gate-3");
    await setSources([{ ...door(), key }]);
    await connected();
    expect((await states()).sources).toMatchObject([{ key }]);
    await setSources([]);
    await expect.poll(states).toEqual({ sources: [], fault: null });
    expect((await fetch(`${client.url}/${token}/Relay`)).status).toBe(200);
  });

  it("says of a key in its file why it cannot deliver by it", async () => {
    const { id: key } = await client.createKey("gate-4");
    await setSources([{ ...door(), key }]);
    const says = (text: string) => ({ sources: [{ fault: expect.stringContaining(text) }] });
    await expect.poll(states).toMatchObject(says(`its key ${key} does not deliver for box gate-3`));
    await setSources([{ ...door(), key: "key_none" }]);
    await expect.poll(states).toMatchObject(says("its key key_none is not in this store"));
  });

  it("acknowledges a message that is too large, logs it, and goes on with the next one", async () => {
    await running.stop();
    running = await startGatepost(folder.path, ["--max-body", "100kb"]);
    client = new Client(running);
    await teach();
    await setSources([door()]);
    await connected();
    await broker.publish("doors/north/card", [Buffer.alloc(150 * 1024, "x"), passing(7)]);
    await expect.poll(cards).toEqual([7]);
    expect(running.log()).toContain("message of a source is too large, and not recorded");
    await expect.poll(states).toMatchObject({ sources: [{ isConnected: true }] });
  });

  it("keeps its last good sources while the file has an error, and names it without its text", async () => {
    await setSources([door()]);
    await connected();
    await setSources([{ ...door(), mqtt: "mqtt://user:hunter2@broker" }]);
    const fault = "sources.json[0].mqtt must be as mqtts://broker.example:8883, without a user or password";
    await expect.poll(states).toMatchObject({ fault, sources: [{ isConnected: true }] });
    await expect.poll(() => running.log()).toContain(fault);
    expect(running.log()).not.toContain("hunter2");
  });

  it.each(["says so", "closes"] as const)("speaks MQTT 3.1.1 with a broker that %s", async (manner) => {
    await teach();
    await setSources([{ ...door(), mqtt: await olderBroker(broker, manner) }]);
    await connected();
    await broker.publish("doors/north/card", [passing(7), passing(8)]);
    await expect.poll(cards).toEqual([7, 8]);
  });

  it("is connected once a missing file of its authority is there", async () => {
    await teach();
    const port = await encryptedFront(broker.port);
    await setSources([{ ...door(), mqtt: `mqtts://127.0.0.1:${port}`, ca: "broker-ca.pem" }]);
    const place = join(folder.path, "broker-ca.pem");
    const fault = `ca cannot be read (ENOENT): put the file at ${place}`;
    await expect.poll(states).toMatchObject({ sources: [{ isConnected: false, fault }] });
    await writeFile(place, pemOf("first.crt"));
    await connected();
    await broker.publish("doors/north/card", [passing(7)]);
    await expect.poll(cards).toEqual([7]);
  });

  it.each([
    [{ mqtt: "mqtt://broker.invalid" }, "the host broker.invalid is not known: correct mqtt"],
    [{ ca: "-----BEGIN nothing" }, "ca must be a certificate of an authority, as PEM"],
  ])("says what is wrong: %j", async (wrong, fault) => {
    await setSources([{ ...door(), ...wrong }]);
    await expect.poll(states).toMatchObject({ sources: [{ isConnected: false, fault }] });
  });
});

it("a broker on the Internet is refused without TLS before it is in the file", async () => {
  const folder = await temporaryDataFolder();
  onTestFinished(() => folder.remove());
  const asked = ["--topic", "doors/#", "--box", "gate-3", "--data", folder.path];
  const added = await gatepost("sources", "add", "door", "--mqtt", "mqtt://8.8.8.8", ...asked);
  const stderr = expect.stringContaining("mqtt:// goes over the Internet unencrypted");
  expect(added).toMatchObject({ code: 1, stderr });
  expect(readSources(join(folder.path, "sources.json"))).toEqual({ sources: [] });
  expect(await gatepost("sources", "add", "door", "--mqtt", "mqtts://8.8.8.8", ...asked)).toMatchObject({ code: 0 });
});

describe.skipIf(withoutMosquitto !== null)("a broker that refuses a topic", () => {
  it("sends the others, and the refused one is named", async () => {
    const [folder, brokerFolder] = [await temporaryDataFolder(), await temporaryDataFolder()];
    const broker = await Mosquitto.start(
      join(brokerFolder.path, "broker"),
      await refusing("vault/#", brokerFolder.path),
    );
    const running = await startGatepost(folder.path);
    onTestFinished(async () => {
      await running.stop();
      await broker.kill();
      await Promise.all([folder.remove(), brokerFolder.remove()]);
    });
    const client = new Client(running);
    const source = { name: "door", mqtt: broker.url, topics: ["vault/+", "doors/+"], box: "gate-3" };
    await writeFile(join(folder.path, "sources.json"), JSON.stringify([source]));
    const fault = "the broker refuses vault/+: let this user read it there, or remove it here";
    const states = async () => listed.parse(await (await client.get("/v1/sources")).json()).sources;
    await expect.poll(states).toMatchObject([{ isConnected: true, fault }]);
    await broker.publish("doors/north", ['{"what":"passed"}']);
    const kept = async () => (await client.get("/v1/quarantine?box=gate-3")).json();
    await expect.poll(kept).toMatchObject({ records: [{ path: "/doors/north" }] });
    expect(await trySource(source, folder.path)).toBe(fault);
  });
});

describe.skipIf(withoutMosquitto !== null)("a broker with passwords", () => {
  it("is told apart by its answer, and lets a source in with its user and password", async () => {
    const [folder, brokerFolder] = [await temporaryDataFolder(), await temporaryDataFolder()];
    const salt = Buffer.from("twelve bytes");
    const digest = pbkdf2Sync("secret of the door", salt, 101, 64, "sha512");
    const users = join(brokerFolder.path, "users");
    await writeFile(users, `door:$7$101$${salt.toString("base64")}$${digest.toString("base64")}\n`);
    const settings = ["allow_anonymous false", `password_file ${users}`];
    const broker = await Mosquitto.start(join(brokerFolder.path, "broker"), settings);
    const running = await startGatepost(folder.path);
    onTestFinished(async () => {
      await running.stop();
      await broker.kill();
      await Promise.all([folder.remove(), brokerFolder.remove()]);
    });
    const client = new Client(running);
    const states = async () => listed.parse(await (await client.get("/v1/sources")).json()).sources;
    await writeFile(join(folder.path, "right"), "secret of the door\n");
    await writeFile(join(folder.path, "wrong"), "something else");
    const base = { mqtt: broker.url, topics: ["doors/#"], box: "gate-3", username: "door" };
    const wrong = { ...base, name: "wrong", passwordFile: "wrong" };
    const right = { ...base, name: "right", passwordFile: "right" };
    await writeFile(join(folder.path, "sources.json"), JSON.stringify([wrong, right]));
    await expect.poll(states).toMatchObject([
      { isConnected: false, fault: expect.stringContaining("correct username and passwordFile") },
      { isConnected: true, fault: null },
    ]);
    expect(running.log()).not.toContain("secret of the door");
  });
});
