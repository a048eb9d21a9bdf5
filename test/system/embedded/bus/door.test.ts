import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { secretKey, webhookHeaders } from "../../../../packages/embedded/src/bus/signature.ts";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../../support/gatepost-process.ts";
import { history } from "../../../support/reports.ts";

const example = fileURLToPath(new URL("../../../../examples/door/", import.meta.url));
const minute = 60_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: GatepostProcess;
let box: Box;
let rule: { target: { url: string; secret: string }; pattern: { detail: { late?: boolean[] } }; maxAgeSeconds: number };
let port: number;
let door: ChildProcess;

beforeEach(async () => {
  folder = await temporaryFolder();
  [rule] = JSON.parse(await readFile(join(example, "rules.json"), "utf8"));
  port = await startDoor(0);
  rule.target.url = `http://127.0.0.1:${port}/`;
  server = await startGatepost(folder.path, ["--announce-events"]);
  await setRule();
  const client = new Client(server);
  box = new Box(server.url, (await client.createKey("gate-1")).token);
});
afterEach(async () => {
  door.kill();
  await server.stop();
  await folder.remove();
});

const setRule = () => writeFile(join(folder.path, "rules.json"), JSON.stringify([rule]));

/** Starts the example, and gives the port on which it says that it listens. Its command adds a character to a file each time. */
async function startDoor(at: number): Promise<number> {
  const note = `require("node:fs").appendFileSync(${JSON.stringify(join(folder.path, "opened"))}, "x")`;
  door = spawn(process.execPath, [join(example, "door.ts"), `${at}`, rule.target.secret, process.execPath, "-e", note]);
  if (door.stdout === null) throw new Error("the door says nothing");
  const [said] = await Promise.race([
    once(door.stdout, "data"),
    once(door, "exit").then(([code]) => Promise.reject(new Error(`the door ended with ${code}`))),
  ]);
  return Number(/"port":(\d+)/.exec(String(said))?.[1]);
}

const timesOpened = async () => (await readFile(join(folder.path, "opened"), "utf8").catch(() => "")).length;

async function pass(person: string, timestamp: number): Promise<void> {
  const answer = await box.post("/HistoryEvent", history({ identity_id: person, timestamp }));
  expect(answer.status).toBe(200);
}

it("the door opens once for each person present, and never for late reports", async () => {
  const now = Date.now();
  for (let n = 0; n < 120; n++) await pass(`earlier-${n}`, now - 2 * minute - (n * minute) / 2);
  await pass("here", Date.now());
  await pass("here too", Date.now());
  await expect.poll(timesOpened).toBe(2);
});

it("the door survives an interrupted request of any client", async () => {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("POST / HTTP/1.1\r\nhost: door\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n");
  // It reads the body now.
  await once(socket, "data");
  socket.resetAndDestroy();
  await pass("here", Date.now());
  await expect.poll(timesOpened).toBe(1);
});

it.each(["{", "null", "7", '{"detail":{}}', '{"detail":{"event":null}}', '{"detail":{"event":{"timestamp":"now"}}}'])(
  "the door ignores a signed delivery without a passing, and survives it: %s",
  async (body) => {
    const key = secretKey(rule.target.secret) ?? Buffer.alloc(0);
    const headers = webhookHeaders({ id: "odd", at: Date.now(), body }, [Buffer.from("another"), key]);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
    expect(answer.status).toBe(204);
    await pass("here", Date.now());
    await expect.poll(timesOpened).toBe(1);
  },
);

it("the door stays closed for persons who passed while it was away", async () => {
  delete rule.pattern.detail.late;
  rule.maxAgeSeconds = 1;
  await setRule();
  door.kill();
  await once(door, "exit");
  for (const person of ["1", "2", "3"]) await pass(person, Date.now());
  await expect.poll(() => server.log().match(/entry too old for its rule/g)?.length).toBe(3);
  rule.maxAgeSeconds = 5;
  await setRule();
  await startDoor(port);
  await pass("here", Date.now());
  await expect.poll(timesOpened).toBe(1);
});
