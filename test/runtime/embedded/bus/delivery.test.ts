import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CertificateFolder, fileOf } from "../../../support/certificates.ts";
import { encryptedFront } from "../../../support/encrypted-front.ts";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let hook: Subscriber;

beforeEach(async () => {
  deps = await clockedRuntime();
  hook = await deps.subscriber();
  await deps.setRules([rule("register", hook.url)]);
});
afterEach(() => deps.close());

const keys = ({ delivered }: Subscriber) => delivered.map(({ envelope }) => envelope.detail.idempotency_key);

describe("a webhook", () => {
  it("trusts the authority that the rule names", async () => {
    const url = `https://127.0.0.1:${await encryptedFront(hook.port)}`;
    await deps.setRules([rule("register", url, { target: { url } })]);
    const entry = await deps.announce("a");
    await deps.settle();
    expect(hook.envelopes).toEqual([]);
    const reason = "self-signed certificate: give the certificate of its authority as ca";
    expect(deps.logged).toContainEqual(expect.objectContaining({ facts: expect.objectContaining({ reason }) }));
    await deps.setRules([rule("register", url, { target: { url, ca: fileOf("first.crt") } })]);
    await deps.advance(minute);
    expect(hook.envelopes).toMatchObject([{ detail: { event: { id: eventOf(entry) } } }]);
  });

  it("waits for the file of its authority, which is read for each try", async () => {
    const url = `https://127.0.0.1:${await encryptedFront(hook.port)}`;
    const folder = new CertificateFolder("second");
    const ca = join(folder.path, "ca.pem");
    await deps.setRules([rule("register", url, { target: { url, ca } })]);
    const entry = await deps.announce("a");
    const tried = async (put: () => void) => {
      put();
      await deps.advance(10 * minute);
      return (await deps.runtime.reads.deliveries.list(null, { limit: 5, cursor: null })).items[0]?.lastAnswer;
    };
    expect(await tried(() => {})).toBe(`ca cannot be read (ENOENT): put the file at ${ca}`);
    expect(await tried(() => mkdirSync(ca))).toBe("ca must be a file of 64 KB at most");
    rmdirSync(ca);
    expect(await tried(() => folder.put("first.key", ca))).toBe("ca must be a certificate of an authority, as PEM");
    expect(await tried(() => folder.put("second.crt", ca))).toMatch(
      /^self-signed certificate: ca is of another authority/,
    );
    expect(await tried(() => folder.put("first.crt", ca))).toBeUndefined();
    expect(hook.envelopes).toMatchObject([{ detail: { event: { id: eventOf(entry) } } }]);
  });

  it("gets the envelope of EventBridge as JSON, under its idempotency key", async () => {
    const entry = await deps.announce("a");
    await deps.settle();
    const [got] = hook.delivered;
    expect(JSON.parse(got?.body ?? "")).toEqual({
      version: "0",
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      "detail-type": "Stranger Registration Requested",
      source: "gatepost",
      account: "000000000000",
      time: entry.time,
      region: "local",
      resources: [],
      detail: JSON.parse(JSON.stringify(entry.detail)),
    });
    expect(got?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "gatepost",
      "webhook-id": entry.id,
      "webhook-timestamp": expect.stringMatching(/^\d{10}$/),
    });
    expect(got?.headers).not.toHaveProperty("webhook-signature");
  });

  it("gets the headers of its rule", async () => {
    await deps.setRules([
      { ...rule("a", `${hook.url}/x?y=1`), target: { url: `${hook.url}/x?y=1`, headers: { "x-key": "7" } } },
    ]);
    await deps.announce("a");
    await deps.settle();
    expect(hook.delivered).toMatchObject([{ path: "/x?y=1", headers: { "x-key": "7" } }]);
  });

  it("gets waiting entries though the clock was set back to another zone's time", async () => {
    hook.behaviour = (response) => void response.writeHead(503).end();
    await deps.announce("a");
    await deps.settle();
    hook.behaviour = (response) => void response.writeHead(409).end();
    await deps.advance(10_000, 1000);
    hook.behaviour = (response) => void response.writeHead(204).end();
    await deps.announce("b");
    deps.setClock(deps.runtime.ingest.clock() - 8 * hour);
    hook.delivered.length = 0;
    await deps.settle();
    expect(keys(hook)).toHaveLength(2);
  });

  it("gets an entry once though it is put again and again", async () => {
    const entry = await deps.announce("a");
    await Promise.all([deps.runtime.ingest.bus.put(entry), deps.runtime.ingest.bus.put(entry)]);
    await deps.settle();
    await deps.runtime.ingest.bus.put(entry);
    await deps.settle();
    expect(hook.delivered).toHaveLength(1);
  });

  it("gets the same at every try", async () => {
    hook.answer(500);
    await deps.announce("a");
    await deps.advance(10 * minute);
    hook.accept();
    await deps.advance(5 * minute);
    expect(hook.delivered.length).toBeGreaterThan(3);
    expect(new Set(hook.delivered.map(({ body }) => body)).size).toBe(1);
  });

  it("gets everything in order after an hour of outage", async () => {
    hook.answer(503);
    const entries = [];
    for (let i = 0; i < 30; i++) {
      entries.push(await deps.announce(`passing ${i}`, i % 2 === 0 ? "1001" : "1002"));
      await deps.advance(2 * minute);
    }
    hook.delivered.length = 0;
    hook.accept();
    await deps.advance(5 * minute);
    expect(keys(hook)).toEqual(entries.map(({ id }) => id));
    await deps.advance(hour);
    expect(hook.delivered).toHaveLength(30);
  });

  it.each([
    { asked: "90", isLeftAloneFor: 90_000, why: "as it asks" },
    { asked: "0.5", isLeftAloneFor: 1000, why: "no shorter than after any failure" },
    { asked: "86400", isLeftAloneFor: 10 * minute, why: "no longer than ten minutes" },
    {
      asked: "Fri, 20 Nov 2026 08:00:00 GMT",
      isLeftAloneFor: 1000,
      why: "as after any failure, where it says no number",
    },
    { asked: "1e999", isLeftAloneFor: 1000, why: "as after any failure, where it says no number" },
  ])("is left alone $why after 429 with `Retry-After: $asked`", async ({ asked, isLeftAloneFor }) => {
    hook.behaviour = (response) => void response.writeHead(429, { "retry-after": asked }).end();
    await deps.announce("a");
    await deps.settle();
    expect(hook.delivered).toHaveLength(1);
    // The first pause is of one second, less some jitter.
    await deps.advance(isLeftAloneFor / 2, minute);
    expect(hook.delivered).toHaveLength(1);
    hook.accept();
    await deps.advance(isLeftAloneFor / 2, minute);
    expect(hook.delivered).toHaveLength(2);
  });

  it("is not delayed by another that is slow or dead", async () => {
    const hasty = await clockedRuntime({ closeTimeoutMs: 50 });
    const [silent, other] = [await hasty.subscriber(), await hasty.subscriber()];
    silent.behaviour = () => {};
    await hasty.setRules([rule("dead", silent.url), rule("alive", other.url)]);
    for (let i = 0; i < 5; i++) await hasty.announce(`${i}`);
    void hasty.runtime.bus.tick();
    await expect.poll(() => other.delivered.length).toBe(5);
    expect(silent.delivered).toHaveLength(1);
    await hasty.close();
  });

  it("gets no entry of an event erased meanwhile, and none is kept", async () => {
    hook.answer(500);
    const entry = await deps.announce("a");
    await deps.settle();
    await deps.runtime.eraser.eraseEvent(eventOf(entry));
    hook.accept();
    await deps.advance(hour);
    expect(hook.delivered).toHaveLength(1);
    const database = new DatabaseSync(deps.runtime.folder.database, { readOnly: true });
    expect(database.prepare("SELECT * FROM deliveries").all()).toEqual([]);
    database.close();
  });

  it("gets no entry of an event erased before the entry was put", async () => {
    const entry = await deps.stored("a");
    await deps.runtime.eraser.eraseEvent(eventOf(entry));
    await deps.runtime.ingest.bus.put(entry);
    await deps.settle();
    expect(hook.delivered).toEqual([]);
  });
});

describe("a disk that takes no record of a delivery", () => {
  it("causes no second request to the subscriber", async () => {
    await deps.announce("a");
    const database = new DatabaseSync(deps.runtime.folder.database);
    hook.behaviour = (response) => {
      database.exec("BEGIN IMMEDIATE");
      response.end();
    };
    await deps.settle();
    hook.accept();
    await deps.settle();
    expect(deps.logged.filter(({ message }) => message.startsWith("delivery not recorded"))).toHaveLength(1);
    database.exec("ROLLBACK");
    database.close();
    await deps.announce("b");
    await deps.settle();
    expect(hook.delivered).toHaveLength(2);
  });
});

describe("closing", () => {
  it("waits for a delivery in progress", async () => {
    const patient = await clockedRuntime({ closeTimeoutMs: 600_000 });
    const slow = await patient.subscriber();
    const answer = Promise.withResolvers<void>();
    slow.behaviour = (response) => void answer.promise.then(() => response.end());
    await patient.setRules([rule("slow", slow.url)]);
    await patient.announce("a");
    await patient.runtime.bus.tick();
    await expect.poll(() => slow.delivered.length).toBe(1);
    const closed = patient.runtime.bus.close();
    answer.resolve();
    await closed;
    const database = new DatabaseSync(patient.runtime.folder.database, { readOnly: true });
    expect(database.prepare("SELECT state FROM deliveries").get()?.["state"]).toBe("delivered");
    database.close();
  });
});

it("cuts a delivery that delays it too long, and counts no try", async () => {
  const hasty = await clockedRuntime({ closeTimeoutMs: 50 });
  const dead = await hasty.subscriber();
  dead.behaviour = () => {};
  await hasty.setRules([rule("dead", dead.url)]);
  await hasty.announce("a");
  await hasty.runtime.bus.tick();
  await expect.poll(() => dead.delivered.length).toBe(1);
  await hasty.runtime.bus.close();
  const database = new DatabaseSync(hasty.runtime.folder.database, { readOnly: true });
  expect(database.prepare("SELECT state, tries FROM deliveries").get()).toMatchObject({ state: "waiting", tries: 0 });
  database.close();
  await hasty.close();
});

// A try after five minutes decides whether the target is announced as failing.
it.each([
  ["all of the pause", 1, [1, 2, 4, 8, 16, 32, 64, 128, 45, 300]],
  ["half of it at least", 0, [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 44.5, 150]],
])("retries less and less often, every five minutes at last, with a jitter of %s", async (_, random, pauses) => {
  const jittered = await clockedRuntime({ random: () => random });
  const hook = await jittered.subscriber();
  await jittered.setRules([rule("a", hook.url)]);
  const at: number[] = [];
  hook.behaviour = (response) => {
    at.push(jittered.runtime.ingest.clock());
    response.writeHead(500).end();
  };
  await jittered.announce("a");
  await jittered.advance(15 * minute, 500);
  const seen = at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1000);
  expect(seen.slice(0, pauses.length)).toEqual(pauses);
  await jittered.close();
});
