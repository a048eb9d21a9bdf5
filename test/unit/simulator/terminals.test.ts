import { hashToken } from "@gatepost/core/keys";
import {
  seeded,
  Terminal,
  type TerminalMake,
  type TerminalReply,
  type TerminalRequest,
  terminalMakes,
} from "@gatepost/simulator";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg } from "../../support/pictures.ts";

const token = "gpi_abcdefghijklmnopqrstuvwxyz0";
const start = Date.parse("2026-11-24T00:00:00Z");
const zone = 480;

let deps: MemoryPorts;
beforeEach(async () => {
  deps = new MemoryPorts();
  deps.now = start;
  const key = { scope: "ingest", box: "gate-1", tokenHash: hashToken(token), serials: ["SN-zkteco"] } as const;
  await deps.reads.keyAdmin.create(key);
  await deps.boxes.set("gate-1", { zone: "Asia/Shanghai" });
});

async function sent({ method, path, query, contentType, body }: TerminalRequest): Promise<TerminalReply | null> {
  const isWithoutKey = path.startsWith("/iclock") || path.endsWith("/keepalive");
  const headers = { "content-type": contentType ?? "" };
  const answer = await send(deps, { method, path: isWithoutKey ? path : `/${token}${path}`, query, headers, body });
  return { status: answer.status, contentType: answer.headers["content-type"] ?? "", date: null, body: answer.body };
}

const terminalOf = (make: TerminalMake, through: typeof sent = sent) =>
  new Terminal({ make, id: `SN-${make}`, zone, send: through });

const passing = (number: number, person: string | null, seconds = number) => ({
  number,
  person,
  at: start - 3_600_000 + seconds * 1000,
  direction: "in" as const,
  picture: number % 3 === 0 && person !== null ? null : jpeg(`${number}`),
});

describe.each(terminalMakes)("a terminal of %s", (make) => {
  it("delivers each passing once, though requests and answers are lost", async () => {
    const random = seeded(52);
    const terminal = terminalOf(make, async (request) => {
      if (random() < 0.2) return null;
      if (random() < 0.1) deps.failing.set("index", new Error("down"));
      const reply = await sent(request);
      deps.failing.clear();
      // The answer is lost though the report is stored.
      return random() < 0.2 ? null : reply;
    });
    const people = Array.from({ length: 60 }, (_, number) =>
      number % 7 === 0 ? null : `${number % 5}`.padStart(4, "0"),
    );
    for (const [number, person] of people.entries()) {
      terminal.passes(passing(number, person));
      if (random() < 0.5) await terminal.deliver();
    }
    for (let tries = 0; terminal.waiting > 0 && tries < 1000; tries++) await terminal.deliver();
    const shown = deps.events().map(({ person, timestamp }) => [timestamp, person.id]);
    const wanted = people.map((person, number) => [passing(number, person).at, person]);
    expect(shown.toSorted(byTime)).toEqual(wanted.toSorted(byTime));
    expect(deps.reasons()).toEqual([]);
  });

  it("delivers each passing once, though it restarts in the middle of a list", async () => {
    const random = seeded(7);
    const terminal = terminalOf(make, async (request) => {
      const reply = await sent(request);
      if (random() < 0.1) terminal.restart();
      return random() < 0.1 ? null : reply;
    });
    for (let number = 0; number < 60; number++) terminal.passes(passing(number, `${number % 5}`));
    for (let tries = 0; terminal.waiting > 0 && tries < 1000; tries++) await terminal.deliver();
    const times = deps.events().map(({ timestamp }) => timestamp);
    expect(times.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, number) => passing(number, null).at),
    );
    expect(deps.reasons()).toEqual([]);
  });

  it("has the people of a clock that was never set kept apart", async () => {
    const terminal = terminalOf(make);
    const unset = Date.UTC(2000, 0, 1);
    for (const number of [1, 2]) terminal.passes({ ...passing(number, `${number}`), at: unset });
    await terminal.deliver();
    expect(deps.events().map(({ person, flags }) => [person.id, flags])).toEqual([
      ["1", ["clock"]],
      ["2", ["clock"]],
    ]);
  });

  it("is heard by its heartbeat, which is in no quarantine", async () => {
    expect((await terminalOf(make).beat(start))?.status).toBe(200);
    expect(deps.notes.of("gate-1")?.kinds.heartbeat?.count).toBe(make === "dahua" ? undefined : 1);
    expect(deps.reasons()).toEqual([]);
  });
});

function byTime([a]: (number | string | null)[], [b]: (number | string | null)[]): number {
  return Number(a) - Number(b);
}
