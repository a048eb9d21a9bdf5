import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Se5, Tally } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { missing } from "../../support/required.ts";
import { album, atEnd, ManualClock, noFaults, siteOf, until } from "../../unit/simulator/support.ts";

const python = "/usr/bin/python3";
const reason = missing(python, ["-c", "import websocket"], "python3-websocket");
const script = readFileSync(new URL("fixtures/documents-client.py", import.meta.url), "utf8");

describe.skipIf(reason !== null)(`the documents' own Python client ${reason === null ? "" : `(${reason})`}`, () => {
  it("reads from a simulated SE5, unchanged but for its address", async () => {
    const clock = new ManualClock();
    const site = siteOf("lobby", clock);
    // The devices that the client asks for.
    const ids = [...script.matchAll(/"([0-9a-f-]{36})"/g)].map(([, id]) => id ?? "");
    const devices = ids.map((id) => ({ ...site.devices[0], id }));
    const at = { host: "127.0.0.1", livePort: 0, apiPort: 0, memoryFile: null };
    const watching = { album, faults: noFaults(), watch: new Tally().watch, clock };
    const se5 = await Se5.open({ ...watching, ...at, version: "V5R6", devices, splitsFrames: true });
    atEnd(() => se5.close());

    const client = spawn(python, ["-u", "-c", script.replace("192.168.1.180:5679", `127.0.0.1:${se5.live.port}`)]);
    const ended = once(client, "exit");
    const printed: string[] = [];
    createInterface({ input: client.stdout }).on("line", (line) => printed.push(line));
    await until(() => se5.live.listeners === 1);
    const passings = devices.map((device) => ({ ...site.next(), device }));
    for (const passing of passings) se5.passes(passing);
    await until(() => printed.length === passings.length);
    client.kill();
    await ended;
    const expected = passings.map(
      ({ device, at: time, number }) => `${device.id} ${time}${String(number).padStart(3, "0")}`,
    );
    expect(printed).toEqual(expected);
  });
});
