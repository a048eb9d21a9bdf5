import { beforeEach, describe, expect, it } from "vitest";
import { quarantine } from "../../../packages/receive/src/deliver/quarantine.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { received } from "../../support/reports.ts";

let deps: MemoryPorts;
beforeEach(() => {
  deps = new MemoryPorts();
});

const origin = {
  box: "gate-1",
  path: "/HistoryEvent",
  headers: { "content-type": "text/plain" },
  receivedAt: received,
  event: null,
};
const keep = (body: string, changes = {}) =>
  quarantine(
    Buffer.from(body),
    "not-json",
    { ...origin, ...changes },
    { event: { id: "evt_1", fingerprint: "s" } },
    deps,
  );

describe("a report in quarantine", () => {
  it("is kept whole, with all that is known of it", async () => {
    const { id, reason } = await keep("garbage");
    expect(reason).toBe("not-json");
    expect([...deps.records.values()]).toEqual([
      {
        ...origin,
        id,
        reason,
        body: Uint8Array.from(Buffer.from("garbage")),
        event: { id: "evt_1", fingerprint: "s" },
      },
    ]);
  });

  it("has one id however often and at any time it is sent", async () => {
    const first = await keep("garbage");
    expect(await keep("garbage", { receivedAt: received + 1, headers: {} })).toEqual(first);
    expect(deps.records.size).toBe(1);
  });

  it.each([
    ["body", "garbage ", {}],
    ["box", "garbage", { box: "gate-2" }],
    ["path", "garbage", { path: "/PassRecord" }],
  ])("has another id with another %s", async (_, body, changes) => {
    expect((await keep(body, changes)).id).not.toBe((await keep("garbage")).id);
  });

  it("is logged without its content", async () => {
    const { id } = await keep("garbage");
    expect(deps.lines).toEqual([
      { level: "warn", message: "quarantined", facts: { box: "gate-1", reason: "not-json", id } },
    ]);
  });
});

describe("reports of an unknown format", () => {
  const passing = (number: number) => ({ op: "pass", user_no: `${number}`, at: received / 1000 + number });
  const heartbeat = (number: number) => ({ op: "alive", uptime: number });
  const sent = async (token: string, report: object) => {
    deps.now += 1;
    return send(deps, { path: `/${token}/HistoryEvent`, body: Buffer.from(JSON.stringify(report)) });
  };

  it("are all kept while their box has room, and passings longer than heartbeats", async () => {
    deps = new MemoryPorts({ quarantineLimits: { records: 100, bytes: 1_000_000 } });
    deps.now = received;
    const token = deps.addKey();
    for (let number = 0; number < 60; number++) await sent(token, passing(number));
    expect(deps.records.size).toBe(60);
    for (let number = 0; number < 300; number++) await sent(token, heartbeat(number));
    const kept = [...deps.records.values()].map(({ body }) => JSON.parse(Buffer.from(body).toString()));
    expect(kept.filter(({ op }) => op === "pass")).toHaveLength(60);
    expect(kept.filter(({ op }) => op === "alive").map(({ uptime }) => uptime)).toEqual([
      ...Array.from({ length: 20 }, (_, at) => at),
      ...Array.from({ length: 20 }, (_, at) => 280 + at),
    ]);
  });
});
