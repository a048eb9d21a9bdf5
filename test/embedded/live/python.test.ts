import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { history, noon } from "../../support/reports.ts";
import { missing } from "../../support/required.ts";
import { start } from "./support.ts";

/** The client of the documents, but for the address and that its output is not held back. */
const client = `
import json, sys
import websocket
ws = websocket.create_connection(sys.argv[1])
ws.send(json.dumps({"need_face": True, "need_register": True, "event_list": json.loads(sys.argv[2])}))
while True:
    event = json.loads(ws.recv_data()[1])
    print(event['video_id'], event['event_id'], flush=True)
`;

const noPython = missing("/usr/bin/python3", ["-c", "import websocket"], "python3-websocket");

it.skipIf(noPython !== null)("the documents' own client prints what came", async () => {
  const on = await start();
  const devices = JSON.stringify(["04f98265-1fad-47e5-9dda-66e191272055", "SNO1__192.168.1.60"]);
  const child = spawn("/usr/bin/python3", ["-c", client, `${on.address}/${on.reader.token}`, devices]);
  const ended = once(child, "exit");
  const lines: string[] = [];
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const print = async () => lines.push((await printed.next()).value ?? `ended: ${complaints}`);
  try {
    // It is told nothing when its configuration was read: an event is repeated until one arrives.
    const first = print();
    for (let n = 0; lines.length === 0; n++) {
      await on.deliver(history({ timestamp: noon - 1000 + n }));
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    lines.length = 0;
    const seen = new Set(await on.ids());
    await on.deliver({ ...fixture("ws-v5", "printed"), video_id: "video-7" }, "LiveEvent");
    const [id] = (await on.ids()).filter((one) => !seen.has(one));
    do await print();
    while (lines.at(-1)?.startsWith("SNO1__"));
    expect(lines.at(-1)).toBe(`video-7 ${id}`);
  } finally {
    child.kill();
    await ended;
  }
});
