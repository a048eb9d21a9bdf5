import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { secretKey, webhookHeaders } from "../../../../packages/embedded/src/bus/signature.ts";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../../support/gatepost-process.ts";
import { history } from "../../../support/reports.ts";

const examples = fileURLToPath(new URL("../../../../examples/", import.meta.url));

interface CheckIn {
  reference: string;
  employee: string;
  time: string;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: GatepostProcess;
let box: Box;
let program: ChildProcess;
let address: string;
let secret: string;
let hr: Server;
/** The check-ins that the HR system has, and how many of its next answers to a new one are lost. */
let checkIns: CheckIn[];
let lost: number;

beforeEach(async () => {
  [checkIns, lost] = [[], 0];
  hr = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? "/", "http://hr.test");
    const reference = url.searchParams.get("reference");
    if (request.headers.authorization !== "Bearer hr-token") return void response.writeHead(401).end();
    if (request.method === "POST") checkIns.push(JSON.parse(Buffer.concat(chunks).toString()));
    const isLost = request.method === "POST" && lost-- > 0;
    response.writeHead(isLost ? 500 : 200).end(JSON.stringify(checkIns.filter((one) => one.reference === reference)));
  }).listen(0, "127.0.0.1");
  await once(hr, "listening");
  folder = await temporaryFolder();
  const [rule] = JSON.parse(await readFile(join(examples, "hr/rules.json"), "utf8"));
  secret = rule.target.secret;
  const { port } = hr.address() as AddressInfo;
  program = spawn(process.execPath, [join(examples, "hr/check-ins.ts"), "0"], {
    env: {
      ...process.env,
      WEBHOOK_SECRET: secret,
      HR_URL: `http://127.0.0.1:${port}/checkins`,
      HR_TOKEN: "hr-token",
      ZONE: "Asia/Shanghai",
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (program.stdout === null) throw new Error("the program prints nothing");
  const [said] = await once(program.stdout, "data");
  address = `http://127.0.0.1:${/"port":(\d+)/.exec(String(said))?.[1]}/`;
  rule.target.url = address;
  server = await startGatepost(folder.path, ["--announce-events"]);
  await writeFile(join(folder.path, "rules.json"), JSON.stringify([rule]));
  const client = new Client(server);
  box = new Box(server.url, (await client.createKey("gate-1")).token);
});
afterEach(async () => {
  program.kill();
  await server.stop();
  hr.closeAllConnections();
  hr.close();
  await folder.remove();
});

it("each passing of a known person is one check-in, also if an answer is lost", async () => {
  lost = 1;
  const timestamp = Date.now();
  for (const id of ["00042", "00043"]) {
    expect((await box.post("/HistoryEvent", history({ identity_id: id, timestamp }))).status).toBe(200);
  }
  await expect.poll(() => checkIns.map(({ employee }) => employee)).toEqual(["00042", "00043"]);
  const shown = new Date(timestamp + 8 * 60 * 60_000).toISOString().slice(0, 19).replace("T", " ");
  expect(checkIns[0]).toMatchObject({ time: shown, reference: expect.stringMatching(/^evt_/) });
});

it("a delivery without the signature of the rule is refused, and writes nothing", async () => {
  const event = {
    id: "evt_1",
    timestamp: 0,
    receivedAt: "",
    flags: [],
    result: null,
    person: { id: "1", type: "vip" },
  };
  const body = JSON.stringify({ "detail-type": "Face Event Recorded", detail: { event } });
  const post = (headers: Record<string, string>) => fetch(address, { method: "POST", headers, body });
  const signedBy = (key: Buffer, at = Date.now()) => webhookHeaders({ id: "one", at, body }, [key]);
  const key = secretKey(secret) ?? Buffer.alloc(0);
  expect((await post(signedBy(Buffer.from("another")))).status).toBe(401);
  expect((await post(signedBy(key, Date.now() - 600_000))).status).toBe(401);
  expect((await post({})).status).toBe(401);
  expect(checkIns).toEqual([]);
});
