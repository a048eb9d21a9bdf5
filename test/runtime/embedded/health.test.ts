import { X509Certificate } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { serve } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import { describe, expect, it, onTestFinished } from "vitest";
import { DiskHealth } from "../../../packages/embedded/src/db/store-health.ts";
import { CertificateFolder, pemOf } from "../../support/certificates.ts";
import { boxRequest } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, received } from "../../support/reports.ts";
import { openedByTests, temporaryRuntime } from "./temporary.ts";

const { openRuntimeHere } = openedByTests();

async function start() {
  let now = received;
  let sent = 0;
  const { runtime, folder, logged } = await openRuntimeHere({ clock: () => now, settings: { openBox: "open" } });
  /** Asks a while later: an answer is believed for a second. */
  const ask = async () => {
    now += 1000;
    const answer = await runtime.api.fetch(new Request("http://gatepost/healthz"));
    return { status: answer.status, retryAfter: answer.headers.get("retry-after"), body: await answer.json() };
  };
  const deliver = () => {
    sent += 1;
    const body = history({}, { spot_pic: photo(`${sent}`) });
    return receiver(runtime.ingest)(boxRequest({ path: "/HistoryEvent", body }));
  };
  const pass = (ms: number) => {
    now += ms;
  };
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  const url = (path: string) =>
    runtime.api.fetch(new Request(`http://gatepost${path}`, { headers }), { address: "127.0.0.1" });
  return { folder, logged, ask, url, deliver, pass };
}

const ok = { status: 200, body: { status: "ok" } };

describe("health", () => {
  it("is ok if a write is durable, at each check", async () => {
    const { ask, logged } = await start();
    expect([await ask(), await ask()]).toMatchObject([ok, ok]);
    expect(logged).toEqual([]);
  });

  it("reports a replaced database without its path, until it is back", async () => {
    const { folder, ask } = await start();
    await rename(join(folder, "gatepost.db"), join(folder, "moved.db"));
    const answer = await ask();
    expect(answer).toMatchObject({
      status: 503,
      retryAfter: "5",
      body: { detail: "a file of the data folder was removed or replaced: start again" },
    });
    expect(JSON.stringify(answer)).not.toContain(folder);
    await rename(join(folder, "moved.db"), join(folder, "gatepost.db"));
    expect(await ask()).toMatchObject(ok);
  });

  it("stays ok if a client's request contains the words of a full disk", async () => {
    const { ask, url } = await start();
    for (const words of ["ENOSPC", "disk full", "database or disk is full"]) {
      expect((await url(`/v1/events?${encodeURIComponent(words)}=1`)).status).toBe(400);
    }
    expect(await ask()).toMatchObject(ok);
  });

  it("reports a missing file of pictures", async () => {
    const { folder, ask, deliver } = await start();
    expect((await deliver()).status).toBe(200);
    await rm(join(folder, "pictures"), { recursive: true });
    expect(await ask()).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("removed or replaced") },
    });
  });

  /** A report that could not be stored, for a reason that is gone. */
  async function failOnce({ folder, deliver }: Awaited<ReturnType<typeof start>>) {
    await deliver();
    const pictures = join(folder, "pictures");
    await rename(pictures, `${pictures}-moved`);
    expect((await deliver()).status).toBe(503);
    await rename(`${pictures}-moved`, pictures);
  }

  it("reports a failed report for some seconds, though nothing else is wrong", async () => {
    const started = await start();
    const { ask, pass } = started;
    await failOnce(started);
    expect(await ask()).toMatchObject({ status: 503 });
    pass(5000);
    expect(await ask()).toMatchObject(ok);
  });

  it("is ok again if the clock was set back after such a report", async () => {
    const started = await start();
    const { ask, pass } = started;
    await failOnce(started);
    pass(-8 * 3_600_000);
    expect(await ask()).toMatchObject(ok);
  });
});

describe("a noted failure of a write", () => {
  const heldBy = (ports: MemoryPorts, write = () => Promise.resolve()) =>
    new DiskHealth({ path: ".", write, checkPictures: () => Promise.resolve(), log: ports.log, clock: ports.clock });

  it.each([
    [Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }), "the disk is full"],
    [new Error("database or disk is full"), "the disk is full"],
    [Object.assign(new Error("EACCES: /secret/place"), { code: "EACCES" }), "the data folder cannot be written to"],
    [Object.assign(new Error("EMFILE"), { code: "EMFILE" }), "too many files and connections are open"],
    [new Error("database disk image is malformed"), "the database is damaged"],
    [new Error("no, at /secret/place"), "the data folder takes no writes: its log says why"],
  ])("is %s as: %s", async (error, reason) => {
    const ports = new MemoryPorts();
    const health = heldBy(ports);
    const failures = health.noteFailures();
    failures.failed?.("pictures", 1, error);
    expect(await health.reason()).toBe(reason);
    failures.stored?.("pictures", 1);
    expect(await health.reason()).toBeNull();
  });

  it("is logged once, with the remedy, and once at the recovery", async () => {
    const ports = new MemoryPorts();
    const failures = heldBy(ports).noteFailures();
    const fail = () =>
      failures.failed?.("pictures", 1, Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" }));
    const said = () => ports.lines.map(({ message, facts }) => [message, facts?.["todo"]]);
    fail();
    fail();
    const todo = expect.stringContaining("mount its disk for writing");
    expect(said()).toEqual([["nothing can be stored", todo]]);
    failures.stored?.("pictures", 1);
    failures.stored?.("pictures", 1);
    expect(said()).toEqual([
      ["nothing can be stored", todo],
      ["reports can be stored again", undefined],
    ]);
  });

  it("causes one check of the disk a second at most", async () => {
    const ports = new MemoryPorts();
    let writes = 0;
    const health = heldBy(ports, async () => {
      writes += 1;
    });
    await Promise.all(Array.from({ length: 100 }, () => health.reason()));
    expect(writes).toBe(1);
    ports.now += 1000;
    await health.reason();
    expect(writes).toBe(2);
  });
});

it("an expired certificate is a concern, and in the metrics", async () => {
  const folder = new CertificateFolder();
  const endsAt = Date.parse(new X509Certificate(pemOf("first.crt")).validTo);
  const { runtime, close } = await temporaryRuntime({ clock: () => endsAt + 60_000 });
  onTestFinished(close);
  const served = await serve(runtime, { host: "127.0.0.1", port: 0, certificate: folder });
  onTestFinished(() => served.close());
  const answer = await fetch(`http://127.0.0.1:${served.localPort}/healthz`);
  const reasons = [`the certificate ended at ${new Date(endsAt).toISOString()}: renew it`];
  expect([answer.status, await answer.json()]).toEqual([200, { status: "degraded", reasons }]);
  expect(await runtime.reads.metrics.text()).toContain(`gatepost_certificate_end_timestamp_seconds ${endsAt / 1000}`);
});
