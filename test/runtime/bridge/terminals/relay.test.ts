import { join } from "node:path";
import { parseConfig, startBridge, systemClock } from "@gatepost/bridge";
import { hashToken } from "@gatepost/core/keys";
import { Terminal, type TerminalMake, type TerminalRequest, terminalMakes } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { jpeg } from "../../../support/pictures.ts";
import { atEnd, temporary, until } from "../../../unit/simulator/support.ts";
import { keyOf } from "../support.ts";

const second = 1000;
const zone = 330;

/** A Gatepost in memory, which may be away, and a bridge with a relay before it. */
async function relayed() {
  const deps = new MemoryPorts();
  deps.now = Date.now();
  await deps.reads.keyAdmin.create({ scope: "ingest", box: "door", tokenHash: hashToken(keyOf("door")) });
  await deps.boxes.set("door", { zone: "Asia/Kolkata" });
  const state = { isAway: false };
  const { url, close } = await listen(async (request, response) => {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const body = await bodyOf(request);
    if (state.isAway) return void response.writeHead(503).end();
    const answer = await send(deps, { method: request.method ?? "", path, query, headers, body });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  atEnd(close);
  const config = {
    ...{ cloud: { url }, spool: { folder: join(await temporary(), "spool") }, metrics: "127.0.0.1:0" },
    relay: { listen: "127.0.0.1:0" },
    boxes: [{ name: "door", token: keyOf("door"), serials: ["SN1"], zone: "Asia/Kolkata" }],
  };
  const silent = { info() {}, warn() {}, error() {} };
  const bridge = await startBridge({
    ...{ config: parseConfig(JSON.stringify(config), "bridge.yaml"), clock: systemClock, random: () => 0, log: silent },
  });
  atEnd(() => bridge.stop());
  const base = `http://127.0.0.1:${bridge.relayPort}`;
  const ask = async ({ method, path, query, contentType, body }: TerminalRequest) => {
    const to = path.startsWith("/iclock") || path.endsWith("/keepalive") ? base : `${base}/${keyOf("door")}`;
    const headers = contentType === null ? {} : { "content-type": contentType };
    const sent = method === "POST" ? { body: new Uint8Array(body) } : {};
    const response = await fetch(`${to}${path}?${query}`, { method, headers, ...sent });
    const { status } = response;
    const [type, date] = [response.headers.get("content-type") ?? "", response.headers.get("date")];
    return { status, contentType: type, date, body: await response.text() };
  };
  return { deps, state, ask, status: () => bridge.status().boxes[0] };
}

const terminalOf = (make: TerminalMake, ask: Awaited<ReturnType<typeof relayed>>["ask"]) =>
  new Terminal({ make, id: "SN1", zone, send: ask });

describe.each(terminalMakes)("a terminal of %s behind the relay", (make) => {
  it("is answered as it needs while the cloud is away, and has its passings delivered", async () => {
    const { deps, state, ask, status } = await relayed();
    state.isAway = true;
    const terminal = terminalOf(make, ask);
    const at = Math.floor(Date.now() / second) * second - 60_000;
    const passing = (number: number) => ({
      number,
      person: `0${number}`,
      at: at + number * second,
      picture: jpeg("1"),
    });
    for (const number of [1, 2]) terminal.passes({ ...passing(number), direction: "in" });
    await terminal.deliver();
    expect(terminal.waiting).toBe(0);
    expect(status()?.waiting).toBeGreaterThanOrEqual(2);
    state.isAway = false;
    await until(() => status()?.waiting === 0);
    expect(
      deps
        .events()
        .map(({ person, timestamp }) => [person.id, timestamp])
        .sort(),
    ).toEqual([
      ["01", at + second],
      ["02", at + 2 * second],
    ]);
    expect(deps.reasons()).toEqual([]);
    expect(status()?.lastError).toBeNull();
  });

  it("is answered to its heartbeat, from which it takes the right time", async () => {
    const { deps, ask, status } = await relayed();
    const terminal = terminalOf(make, ask);
    const reply = await terminal.beat(0);
    expect(reply?.status).toBe(200);
    const shown = reply === null ? null : terminal.timeIn(reply, Date.now());
    expect(Math.abs((shown ?? 0) - Date.now())).toBeLessThan(60_000);
    await until(() => status()?.waiting === 0);
    expect(deps.notes.of("door")?.kinds.heartbeat?.count).toBe(make === "dahua" ? undefined : 1);
    expect(deps.reasons()).toEqual([]);
  });
});

it("a terminal whose serial the file does not name keeps its records", async () => {
  const { ask, status } = await relayed();
  const request = { method: "POST", path: "/iclock/cdata", query: "SN=SN2&table=ATTLOG", contentType: null } as const;
  expect(await ask({ ...request, body: Buffer.from("1\t2026-11-24 08:01:18\t0\t15\n") })).toMatchObject({
    ...{ status: 200, contentType: "text/plain", body: "ERROR\n" },
  });
  expect(status()?.waiting).toBe(0);
});

it("questions of a terminal are delivered as a sign of life once a minute", async () => {
  const { deps, ask, status } = await relayed();
  const asked = { method: "GET", path: "/iclock/getrequest", query: "SN=SN1", contentType: null } as const;
  for (let times = 0; times < 5; times++) expect((await ask({ ...asked, body: Buffer.alloc(0) })).body).toBe("OK");
  await until(() => status()?.waiting === 0);
  expect(deps.notes.of("door")?.kinds.heartbeat?.count).toBe(1);
});
