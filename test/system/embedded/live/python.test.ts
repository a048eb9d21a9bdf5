import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../../support/client.ts";
import { fixture } from "../../../support/fixtures.ts";
import { history, noon } from "../../../support/reports.ts";
import { missing } from "../../../support/required.ts";
import { oneMachine } from "../one-machine.ts";

const document = readFileSync(new URL("../../../../docs/live.md", import.meta.url), "utf8");
const sample = /```python\n(.*?)```/s.exec(document)?.[1] ?? "";

/** The client of the document, but for the address and the devices. */
const client = sample
  .replace(/"wss?:[^"]*"/, "__import__('sys').argv[1]")
  .replace(/\["[0-9a-f-]{36}"\]/, "json.loads(__import__('sys').argv[2])");

const python = "/usr/bin/python3";
const noPython = missing(python, ["-c", "import websocket"], "python3-websocket");

const created = z.object({ token: z.string() });

it.skipIf(noPython !== null)("the documents' own client of an SE5 prints received events", async () => {
  const running = await oneMachine();
  onTestFinished(() => running.stop());
  const gatepost = new Client(running);
  const box = new Box(running.url, (await gatepost.createKey("gate-3")).token);
  const deliver = async (body: unknown, path = "/HistoryEvent") => {
    expect((await box.post(path, body)).status).toBe(200);
  };
  const ids = async () => (await gatepost.events()).map(({ id }) => id);
  const { token } = created.parse(await (await gatepost.post("/v1/keys", { scope: "read" })).json());
  const devices = JSON.stringify(["04f98265-1fad-47e5-9dda-66e191272055", "SNO1__192.168.1.60"]);
  const address = `${running.url.replace("http", "ws")}/${token}`;
  const child = spawn(python, ["-u", "-c", client, address, devices]);
  const ended = once(child, "exit");
  const { lines, print } = printed(child);
  try {
    // The client gets no answer to its configuration: an event is repeated until one arrives.
    const first = print();
    for (let n = 0; lines.length === 0; n++) {
      await deliver(history({ timestamp: noon - 1_000_000 + n }));
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    expect(lines[0]).toMatch(/^SNO1__192\.168\.1\.60 evt_/);
    const seen = new Set(await ids());
    await deliver({ ...fixture("ws-v5", "printed"), video_id: "video-7" }, "/LiveEvent");
    const [id] = (await ids()).filter((one) => !seen.has(one));
    do await print();
    while (lines.at(-1)?.startsWith("SNO1__"));
    expect(lines.at(-1)).toBe(`video-7 ${id}`);
  } finally {
    child.kill();
    await ended;
  }
});

/** Reads the output of a program, line by line; after its end, its errors. */
function printed(child: ChildProcess): { lines: string[]; print(): Promise<unknown> } {
  if (child.stdout === null || child.stderr === null) throw new Error("the output of this program is not held");
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { lines, print: async () => lines.push((await output.next()).value ?? `ended: ${complaints}`) };
}
