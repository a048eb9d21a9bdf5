import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { secretKey, webhookHeaders } from "../../../../packages/embedded/src/bus/signature.ts";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { FrappeServer } from "../../../standins/frappe.ts";
import { Box, Client } from "../../../support/client.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { history } from "../../../support/reports.ts";

const example = (name: string) => fileURLToPath(new URL(`../../../../examples/${name}`, import.meta.url));
const [rule] = JSON.parse(await readFile(example("hr/rules.json"), "utf8"));
const key = secretKey(rule.target.secret) ?? Buffer.alloc(0);

let frappe: FrappeServer;
let program: ChildProcess;
let address: string;

/** Starts the example, with other settings than the usual ones. */
async function start(settings: Record<string, string> = {}): Promise<void> {
  program?.kill();
  program = spawn(process.execPath, [example("hr/check-ins.ts"), "0"], {
    env: {
      ...process.env,
      WEBHOOK_SECRET: rule.target.secret,
      HR_URL: frappe.url,
      HR_TOKEN: frappe.secret,
      ZONE: "Asia/Shanghai",
      ...settings,
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (program.stdout === null) throw new Error("the program prints nothing");
  const [said] = await once(program.stdout, "data");
  address = `http://127.0.0.1:${/"port":(\d+)/.exec(String(said))?.[1]}/`;
}

beforeEach(async () => {
  frappe = await new FrappeServer().listen();
  frappe.employ("HR-EMP-00001", "00042");
  await start();
});
afterEach(async () => {
  program.kill();
  await frappe.close();
});

const noon = Date.UTC(2026, 10, 20, 12);

/** Delivers a passing, as Gatepost does, and returns the status of the answer. */
async function deliver(facts: object = {}, signedBy = { key, at: Date.now() }): Promise<number> {
  const event = {
    timestamp: noon,
    receivedAt: "2026-11-20T12:00:01Z",
    flags: [],
    result: null,
    person: { id: "00042", type: "employee" },
    box: { id: "gate-1" },
    device: { name: "Gate S1", label: null, direction: "in" },
    ...facts,
  };
  const body = JSON.stringify({ "detail-type": "Face Event Recorded", detail: { event } });
  const headers = webhookHeaders({ id: "one", at: signedBy.at, body }, [signedBy.key]);
  return (await fetch(address, { method: "POST", headers, body })).status;
}

it("a passing that Gatepost announces is a check-in in Frappe", async () => {
  const folder = await temporaryFolder();
  const server = await startGatepost(folder.path, ["--announce-events"]);
  try {
    const target = { ...rule.target, url: address };
    await writeFile(join(folder.path, "rules.json"), JSON.stringify([{ ...rule, target }]));
    const { token } = await new Client(server).createKey("gate-1");
    const timestamp = Date.now();
    const posted = await new Box(server.url, token).post("/HistoryEvent", history({ identity_id: "00042", timestamp }));
    expect(posted.status).toBe(200);
    const time = new Date(timestamp + 8 * 60 * 60_000).toISOString().slice(0, 19).replace("T", " ");
    await expect.poll(() => frappe.checkIns).toMatchObject([{ employee: "HR-EMP-00001", time }]);
  } finally {
    await server.stop();
    await folder.remove();
  }
});

it("a check-in has the time of Frappe's clocks, the gate and the direction, and is written once", async () => {
  const out = { timestamp: noon + 60_000, receivedAt: "2026-11-20T12:00:30Z" };
  const unknown = { device: { name: null, label: null, direction: null }, timestamp: noon - 60_000 };
  for (const facts of [{}, {}, { ...out, device: { name: "Gate S1", label: "North", direction: "out" } }, unknown])
    expect(await deliver(facts)).toBe(204);
  expect(frappe.checkIns).toMatchObject([
    { employee: "HR-EMP-00001", time: "2026-11-20 20:00:00", device_id: "Gate S1", log_type: "IN" },
    { time: "2026-11-20 20:00:30", device_id: "North", log_type: "OUT" },
    { time: "2026-11-20 19:59:00", device_id: "gate-1", log_type: null },
  ]);
});

it("a lost answer, and another program at the same time, make no second check-in", async () => {
  frappe.losesAnswers = true;
  expect(await deliver()).toBe(204);
  frappe.meanwhile = () => {
    const same = { employee: "HR-EMP-00001", time: "2026-11-20 20:01:00", device_id: null, log_type: null };
    frappe.checkIns.push({ name: "CKIN-2", ...same });
  };
  expect(await deliver({ timestamp: noon + 60_000, receivedAt: "2026-11-20T12:01:00Z" })).toBe(204);
  expect(frappe.checkIns).toHaveLength(2);
});

it("a stranger, a denied passing and one of an unknown time are no check-ins", async () => {
  const stranger = { person: { id: "1772366400.25", type: "stranger" } };
  for (const facts of [stranger, { result: "denied" }, { flags: ["clock"] }]) expect(await deliver(facts)).toBe(204);
  expect(frappe.requests).toBe(0);
});

it("Frappe's refusals are answered 422, and its failures 503", async () => {
  expect(await deliver({ person: { id: "7", type: "employee" } })).toBe(422);
  frappe.employ("HR-EMP-00002", "00043", "Inactive");
  expect(await deliver({ person: { id: "00043", type: "employee" } })).toBe(422);
  frappe.isAllowed = false;
  expect(await deliver()).toBe(503);
  await start({ HR_TOKEN: "a:b" });
  expect(await deliver()).toBe(503);
  expect(frappe.checkIns).toEqual([]);
});

it("an employee is found by the chosen field", async () => {
  await start({ EMPLOYEE_FIELD: "employee_number" });
  expect(await deliver({ person: { id: "N00042", type: "employee" } })).toBe(204);
  expect(frappe.checkIns).toMatchObject([{ employee: "HR-EMP-00001" }]);
});

it("a delivery without the signature of the rule is refused, and writes nothing", async () => {
  expect(await deliver({}, { key: Buffer.from("another"), at: Date.now() })).toBe(401);
  expect(await deliver({}, { key, at: Date.now() - 600_000 })).toBe(401);
  expect((await fetch(address, { method: "POST", body: "{}" })).status).toBe(401);
  expect(frappe.requests).toBe(0);
});
