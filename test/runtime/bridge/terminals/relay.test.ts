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

type Request = Omit<TerminalRequest, "method"> & { method: string };

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
    cloud: { url },
    spool: { folder: join(await temporary(), "spool") },
    metrics: "127.0.0.1:0",
    relay: { listen: "127.0.0.1:0" },
    boxes: [{ name: "door", token: keyOf("door"), serials: ["SN1"], zone: "Asia/Kolkata" }],
  };
  const silent = { info() {}, warn() {}, error() {} };
  const bridge = await startBridge({
    config: parseConfig(JSON.stringify(config), "bridge.yaml"),
    clock: systemClock,
    random: () => 0,
    log: silent,
  });
  atEnd(() => bridge.stop());
  const base = `http://127.0.0.1:${bridge.relayPort}`;
  const ask = async ({ method, path, query, contentType, body }: Request) => {
    const to = path.startsWith("/iclock") || path.endsWith("/keepalive") ? base : `${base}/${keyOf("door")}`;
    const headers = contentType === null ? {} : { "content-type": contentType };
    const sent = body.length > 0 ? { body: new Uint8Array(body) } : {};
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

const uniview = { DeviceCode: "SN1", Seq: 7, FaceInfoList: [{ Timestamp: 1795478478 }] };
const face = JSON.stringify(uniview);
const line = "0042\t2026-11-24 08:01:18\t0\t15\n";
const registered = { path: "/iclock/registry", query: "SN=SN1" };
const ofDoor = { method: "GET", path: "/iclock/cdata", query: "SN=SN1&options=all&DeviceType=acc" } as const;

describe("a body gets the answer of Gatepost from the relay", () => {
  it.each<[string, Partial<Request>, string?]>([
    ["a notification", {}, face],
    ["a notification with a long number", {}, face.replace(":7,", ":9007199254740993,")],
    ["a notification with a type of another content", { contentType: "multipart/form-data" }, face],
    ["a notification that is cut off", {}, face.slice(0, -1)],
    ["a heartbeat", {}, '{"DeviceCode":"SN1","Time":"2026-11-24 08:05:00"}'],
    ["lines", { query: "SN=SN1&table=ATTLOG" }, `${line}\n${line}\0`],
    ["no lines", { query: "SN=SN1&table=OPERLOG" }, ""],
    ["more lines than are read", { query: "SN=SN1&table=ATTLOG" }, line.repeat(10_001)],
    ["lines for an action of another name", { path: "/iclock/data", query: "SN=SN1&table=ATTLOG" }, line],
    ["lines by PUT", { method: "PUT", query: "SN=SN1&table=ATTLOG" }, line],
    ["no lines by PUT", { method: "PUT", query: "SN=SN1&table=ATTLOG" }, ""],
    ["a handshake", { ...ofDoor, query: "SN=SN1&options=all" }],
    ["a first handshake at a door", ofDoor],
    ["a registration", registered, ""],
    ["options at a door", { path: "/iclock/push", query: "SN=SN1" }, ""],
  ])("%s", async (_, changes, body = "") => {
    const { deps, ask } = await relayed();
    const to = changes.query === undefined ? "/LAPI/V1.0/System/Event" : "/iclock/cdata";
    const request = { method: "POST", path: to, query: "", contentType: "application/json", ...changes } as const;
    const relayedAnswer = await ask({ ...request, body: Buffer.from(body) });
    const { method, query, contentType } = request;
    const path = `/${keyOf("door")}${request.path}`;
    const answer = await send(deps, { method, path, query, headers: { "content-type": contentType ?? "" }, body });
    const timeless = (text: string) => text.replace(/"Time":"[\d-]{10} [\d:]{8}"/, '"Time":""');
    expect(timeless(relayedAnswer.body)).toBe(timeless(answer.body));
    expect(relayedAnswer.contentType).toBe(answer.headers["content-type"]);
  });

  it("a later handshake at a door", async () => {
    const { ask } = await relayed();
    const to = { method: "POST", contentType: null, body: Buffer.alloc(0) } as const;
    expect((await ask({ ...to, ...ofDoor })).body).toBe("OK");
    await ask({ ...to, ...registered });
    expect((await ask({ ...to, ...ofDoor })).body).toMatch("registry=ok\nRegistryCode=SN1\n");
  });
});

it("a terminal whose serial the file does not name keeps its records", async () => {
  const { ask, status } = await relayed();
  const request = { method: "POST", path: "/iclock/cdata", query: "SN=SN2&table=ATTLOG", contentType: null } as const;
  expect(await ask({ ...request, body: Buffer.from("1\t2026-11-24 08:01:18\t0\t15\n") })).toMatchObject({
    status: 200,
    contentType: "text/plain",
    body: "ERROR\n",
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
