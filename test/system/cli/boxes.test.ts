import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime } from "@gatepost/embedded";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { writeBoxStatus } from "../../../packages/receive/src/deliver/writes.ts";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

const minute = 60_000;

let data: string;
beforeEach(async () => {
  data = await dataFolder();
});
afterEach(() => vi.useRealTimers());

const body = (id: string) =>
  JSON.stringify({ identity_id: id, timestamp: Date.now(), ext_data: { device_ip: "10.0.0.7" } });

/** A folder with a box that reported, one that is silent, and one that is new. */
async function withBoxes(): Promise<void> {
  const start = Date.now() - 3 * 60 * minute;
  let now = start;
  const runtime = await openRuntime({ data, clock: () => now, zone: "UTC" });
  for (const box of ["gate-1", "gate-9"]) {
    await runtime.reads.keyAdmin.create({ scope: "ingest", box, tokenHash: hashToken(newToken("ingest")) });
  }
  const status = {
    kind: "device-sync" as const,
    report: { devSno: "S", deviceList: [{ epId: "S__10.0.0.7", direction: 0 }] },
  };
  await runtime.boxes.look();
  await writeBoxStatus({ box: "dock", receivedAt: now, ...status }, runtime.ingest);
  for (; now < start + 170 * minute; now += minute) await runtime.boxes.look();
  await writeBoxStatus({ box: "gate-1", receivedAt: now, ...status }, runtime.ingest);
  await runtime.close();
}

it("boxes are listed, silent ones first, and shown with devices, also without a server", async () => {
  await withBoxes();
  const { stdout } = await gatepost("boxes", "list", "--data", data);
  const [titles, ...rows] = stdout.trimEnd().split("\n");
  expect(titles).toMatch(
    /^BOX +STATE +SINCE +LAST SEEN +SILENT AFTER +TODAY +FLAGGED +TOO LARGE +SITE +CLOCK +FIRMWARE +SERIAL +PROBLEM$/,
  );
  expect(rows.map((row) => /same serial as \S+$/.exec(row)?.[0])).toEqual([
    ...["same serial as gate-1", "same serial as dock", undefined],
  ]);
  expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2))).toEqual([
    ["dock", "silent"],
    ["gate-1", "reports"],
    ["gate-9", "new"],
  ]);
  const server = await serve(data);
  const { boxes } = await gatepostJson<{ boxes: { id: string }[] }>("boxes", "list", "--data", data);
  expect(boxes.map(({ id }) => id)).toEqual(["dock", "gate-1", "gate-9"]);
  const shown = await gatepost("boxes", "show", "dock", "--data", data);
  expect(shown.stdout).toMatch(/^state {9}silent$/m);
  expect(shown.stdout).toMatch(/^S__10\.0\.0\.7 .* in /m);
  await server.stop();
});

it("serials that alternate under one key are a problem of the box", async () => {
  const server = await serve(data, { open: true });
  const post = (sent: object) => fetch(`${server.url}/RealTimeEvent`, { method: "POST", body: JSON.stringify(sent) });
  for (const id of ["1", "2"]) {
    await post({ ...JSON.parse(body(id)), dev_sno: "S1" });
    await post({ dev_sno: "S2", gateway_sn: "2", gateway_status: "online" });
  }
  await server.stop();
  const { stdout: list } = await gatepost("boxes", "list", "--data", data);
  expect(list).toMatch(/^open .* S1, S2 take turns under one key$/m);
  const { stdout: shown } = await gatepost("boxes", "show", "open", "--data", data);
  expect(shown).toMatch(/^problem {7}S1, S2 take turns under one key$/m);
  const { stdout: status } = await gatepost("status", "--data", data);
  expect(status).toMatch(/^serials {5}S1, S2 take turns under the key of open$/m);
});

it("reports on an unexpected path are a problem of the box", async () => {
  const server = await serve(data, { open: true });
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: body("1") });
  await server.stop();
  const { stdout: list } = await gatepost("boxes", "list", "--data", data);
  expect(list).toMatch(/^open .* unexpected-path: se3-realtime at the history address$/m);
});

it("an unknown box is named, with exit code 1", async () => {
  await withBoxes();
  expect(await gatepost("boxes", "show", "nobody", "--data", data)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is no such box"),
  });
});

it("status lists the problems, with exit code 1", async () => {
  await withBoxes();
  const { code, stdout, stderr } = await gatepost("status", "--data", data);
  expect([code, stderr]).toEqual([1, expect.stringContaining("2 things need a hand")]);
  expect(stdout).toMatch(/^boxes {7}1 reporting, 1 silent, 0 silent as expected, 1 new$/m);
  expect(stdout).toMatch(/^same serial S: dock, gate-1$/m);
  expect(stdout).toMatch(/^! no server runs on this folder/m);
  expect(stdout).toMatch(/^! dock is silent since \d{4}-.*Z, and usually for 1 h at most$/m);
});

it("the status of a healthy server has exit code 0, also over the network", async () => {
  const server = await serve(data, { open: true });
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: body("1") });
  const status = await gatepostJson<object>("status", "--data", data);
  expect(status).toMatchObject({
    store: null,
    server: server.url,
    needsHand: [],
    tooLarge: 0,
    boxes: { reporting: 1, silent: 0, expected: 0 },
    problems: { quarantine: 0, deadletters: 0 },
  });
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: "not understood" });
  const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "admin", "--data", data);
  // Counts are up to five seconds old.
  const elsewhere = () => gatepost("status", "--url", server.url, "--token", token);
  await expect.poll(async () => (await elsewhere()).code).toBe(1);
  expect((await elsewhere()).stdout).toContain(`! 1 in quarantine: \`gatepost quarantine list --url ${server.url}\``);
  await server.stop();
});

it("kept records show no wrong clock; a wrong clock and a wrong key are shown", async () => {
  const server = await serve(data);
  const { token } = await gatepostJson<{ token: string }>(
    ...["keys", "create", "--scope", "ingest", "--box", "gate-1", "--data", data],
  );
  const passed = (timestamp: number) =>
    JSON.stringify({ identity_id: `${timestamp}`, timestamp, ext_data: { device_ip: "10.0.0.7" } });
  const post = (key: string, content: string) => fetch(`${server.url}/${key}/Event`, { method: "POST", body: content });
  const run = async (...words: string[]) => (await gatepost(...words, "--data", data)).stdout;
  const kept = [1, 2, 3, 4, 5, 6].map((n) => {
    const record = { identity_id: `${n}`, timestamp: Date.now() - 24 * 60 * minute + n * minute };
    return { ...record, want_action: "0", ext_data: { ep_id: "SNO1__10.0.0.7", person_type: 1 } };
  });
  await post(token, JSON.stringify(kept));
  expect((await gatepostJson<{ kinds: unknown[] }>("boxes", "show", "gate-1", "--data", data)).kinds).toMatchObject([
    { kind: "history", today: 6 },
  ]);
  expect(await run("status")).not.toMatch(/^clocks/m);
  await post(token, passed(Date.now() - 3 * 366 * 24 * 60 * minute));
  await post(`${token}x`, passed(Date.now()));
  expect(await run("boxes", "list")).toMatch(/^gate-1 .* 1098 d behind /m);
  expect(await run("status")).toMatch(/^clocks {6}wrong at gate-1: `gatepost boxes list --data [^`]+`$/m);
  await post(token, passed(1000));
  const shown = await run("boxes", "show", "gate-1");
  expect(shown).toMatch(/^clock {9}unusable$/m);
  expect(shown).toMatch(/^flags today {3}clock 1$/m);
  const [came, refused] = (await run("boxes", "arrivals", "gate-1")).split("\n\n");
  expect(came).toMatch(/^AT .*\n\S+Z {2}127\.0\.0\.1 {2}\/Event {2}\d+ {5}event realtime {2}evt_\w+\n/);
  expect(refused).toMatch(/^WRONG KEY AT .*\n\S+Z {2}127\.0\.0\.1 {2}\/…\/Event$/m);
  expect(await run("status")).toMatch(/^wrong keys {2}1 of late, the last at \S+Z from 127\.0\.0\.1 to \//m);
  await server.stop();
});

it("terminals whose serial no key lists are listed until a key does", async () => {
  const server = await serve(data);
  const unknown = () => gatepost("boxes", "unknown", "--data", data);
  expect(await (await fetch(`${server.url}/iclock/cdata?SN=SN1000&options=all`)).text()).toBe("ERROR\n");
  expect((await unknown()).stdout).toMatch(/^SERIAL +FROM +REQUESTS +LAST\nSN1000 +127\.0\.0\.1 +1 +\S+Z\n$/);
  await gatepost("keys", "create", "--scope", "ingest", "--box", "gate-1", "--serial", "SN1000", "--data", data);
  expect(await gatepostJson("boxes", "unknown", "--data", data)).toEqual({ terminals: [] });
  await server.stop();
});

it("status says that the clock is not as it was when the store was served last", async () => {
  await (await openRuntime({ data })).close();
  const said = async (sql: string) => {
    const database = new DatabaseSync(join(data, "gatepost.db"));
    database.exec(sql);
    database.close();
    return (await gatepost("status", "--data", data)).stdout;
  };
  const day = 86_400_000;
  expect(await said(`INSERT INTO store_clock VALUES (1, ${Date.now() - 400 * day}, NULL, 0)`)).toMatch(
    /^! nothing that has expired is removed for a day of serving: the clock is far ahead .*: correct it if it is wrong$/m,
  );
  expect(await said(`UPDATE store_clock SET noted_at = ${Date.now() + 400 * day}`)).toMatch(
    /^! receipts get the last known time: the clock is behind/m,
  );
});

it("an unknown zone is refused before anything begins", async () => {
  expect(await gatepost("serve", "--zone", "Mars/Base", "--data", data)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("It must be a time zone as Asia/Shanghai"),
  });
});
