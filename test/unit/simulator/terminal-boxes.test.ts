import { hashToken } from "@gatepost/core/keys";
import { type Passing, serialOf, TerminalBox, type TerminalMake, terminalMakes } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { bodyOf, listen } from "../../standins/listen.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { album, atEnd, ManualClock, noFaults, siteOf, until } from "./support.ts";

const token = "gpi_abcdefghijklmnopqrstuvwxyz0";
const zone = 330;

/** A terminal that delivers over HTTP to a Gatepost in memory, both by the same clock. */
async function started(make: TerminalMake) {
  const clock = new ManualClock();
  const deps = new MemoryPorts();
  deps.now = clock.now();
  const key = { scope: "ingest", box: "door", tokenHash: hashToken(token), serials: [serialOf("door")] } as const;
  await deps.reads.keyAdmin.create(key);
  await deps.boxes.set("door", { zone: "Asia/Kolkata" });
  const { url, close } = await listen(async (request, response) => {
    deps.now = clock.now();
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const answer = await send(deps, {
      method: request.method ?? "",
      path,
      query,
      headers,
      body: await bodyOf(request),
    });
    response.writeHead(answer.status, { ...answer.headers, date: new Date(clock.now()).toUTCString() });
    response.end(answer.body);
  });
  atEnd(close);
  const to = new URL(make === "zkteco" ? url : `${url}/${token}`);
  const sent: Passing[] = [];
  const watch = (fate: string, _: string, passing: Passing) => void (fate === "accepted" && sent.push(passing));
  const box = new TerminalBox({ make, name: "door", url: to, album, faults: noFaults(), watch, clock, zone });
  const stopped = new AbortController();
  const running = box.run(stopped.signal);
  atEnd(() => {
    stopped.abort();
    return running;
  });
  /** Lets seconds pass, each once the terminal rests. */
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left--) {
      await until(() => clock.sleepers > 0);
      clock.move(1000);
    }
    await until(() => clock.sleepers > 0);
  };
  return { box, clock, deps, sent, pass, site: siteOf("door", clock) };
}

describe.each(terminalMakes)("a box that is a terminal of %s", (make) => {
  it("reports people by the names and directions that its make has", async () => {
    const { box, deps, pass, site } = await started(make);
    const known = site.nextKnown();
    box.passes(known);
    await pass(1);
    box.passes({ ...known, number: 1 });
    await pass(2);
    const events = deps
      .events()
      .map(({ person, device, result }) => [person.id, person.name, device.direction, result]);
    const directions = make === "uniview" ? [null, null] : ["in", "out"];
    expect(events.toSorted()).toEqual(
      directions.map((direction) => [known.person.id, known.person.name, direction, "granted"]),
    );
    expect(deps.reasons()).toEqual([]);
  });

  it("reports a stranger as denied", async () => {
    const { box, deps, pass, site } = await started(make);
    box.passes(site.nextStranger());
    await pass(2);
    expect(deps.events().map(({ person, result }) => [person.type, result])).toEqual([["stranger", "denied"]]);
  });

  it("has another wrong time after each restart", async () => {
    const { box, deps, pass, site } = await started(make);
    const known = site.nextKnown();
    for (let restarts = 0; restarts < 17; restarts++) {
      box.restart();
      box.passes(known);
      await pass(4);
    }
    expect(deps.events()).toHaveLength(17);
  });

  it("has a wrong clock after a restart, until it is set to the second", async () => {
    const { box, clock, deps, pass, site } = await started(make);
    box.restart();
    box.passes(site.nextKnown());
    await pass(5);
    const { person } = site.nextKnown();
    box.passes({ ...site.nextKnown(), person });
    const at = clock.now();
    await pass(3);
    const shown = deps.events().map(({ timestamp, flags }) => (flags.includes("clock") ? "wrong" : timestamp - at));
    expect(shown.toSorted()).toEqual([0, "wrong"]);
    expect(box.waiting).toBe(0);
  });
});
