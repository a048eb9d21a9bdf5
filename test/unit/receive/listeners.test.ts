import { logFirstReports, type RecordListener } from "@gatepost/core/arrivals";
import { receiver, replay } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { boxRequest } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";

/** A listener that notes its calls in `calls`, each with `name` before it. */
function noting(calls: string[], name = ""): RecordListener {
  return {
    stored: (store) => void calls.push(`${name}stored ${store}`),
    failed: (store, _, cause) => void calls.push(`${name}failed ${store}: ${cause}`),
    event: (_, { outcome }) => void calls.push(`${name}event ${outcome}`),
    boxStatus: ({ kind }) => void calls.push(`${name}status ${kind}`),
    quarantined: ({ reason }) => void calls.push(`${name}quarantined ${reason}`),
  };
}

/** Memory ports with these listeners, and a function that posts a body to them. */
function posting(...listeners: RecordListener[]) {
  const memory = new MemoryPorts();
  const ports = { ...memory, listeners };
  const post = async (body: unknown, box = "gate-1") => {
    const path = `/${memory.addKey("ingest", box)}/HistoryEvent`;
    return (await receiver(ports)(boxRequest({ path, body }))).status;
  };
  return { memory, ports, post };
}

describe("a listener", () => {
  it("gets the writes of a report, its pictures first", async () => {
    const calls: string[] = [];
    const { post } = posting(noting(calls));
    expect(await post(history({}, { spot_pic: photo("scene") }))).toBe(200);
    expect(calls).toEqual(["stored pictures", "stored index", "event created"]);
  });

  it("gets the conflict of a second face, and then the event of that face", async () => {
    const calls: string[] = [];
    const { post } = posting(noting(calls));
    for (const face of ["a", "b"]) await post(history({}, { recognize_face: photo(face) }));
    expect(calls.filter((call) => call.startsWith("event"))).toEqual([
      "event created",
      "event conflict",
      "event created",
    ]);
  });

  it("gets statuses and quarantine records", async () => {
    const calls: string[] = [];
    const { post } = posting(noting(calls));
    await post(fixture("status", "complete"));
    await post("nonsense");
    expect(calls).toEqual(["status status", "stored quarantine", "quarantined not-json"]);
  });

  it("gets the writes of a replay", async () => {
    const calls: string[] = [];
    const { memory, ports, post } = posting(noting(calls));
    await post("nonsense");
    calls.length = 0;
    await replay({ ...memory.lastRecord, body: Buffer.from(JSON.stringify(history())) }, ports);
    expect(calls).toEqual(["stored index", "event created"]);
  });

  it.each(["pictures", "index", "quarantine"] as const)(
    "gets a failed write to %s, and nothing else",
    async (store) => {
      const calls: string[] = [];
      const { memory, post } = posting(noting(calls));
      memory.failing.set(store, new Error("disk full"));
      expect(await post(store === "quarantine" ? "nonsense" : history({}, { spot_pic: photo("scene") }))).toBe(503);
      expect(calls.at(-1)).toBe(`failed ${store}: Error: disk full`);
      expect(calls.filter((call) => /^(event|quarantined)/.test(call))).toEqual([]);
    },
  );

  it("is called in the order of the list", async () => {
    const calls: string[] = [];
    const { post } = posting(noting(calls, "1 "), noting(calls, "2 "));
    await post(history());
    expect(calls).toEqual(["1 stored index", "2 stored index", "1 event created", "2 event created"]);
  });

  it("refuses the report by an error, though it is stored", async () => {
    const { memory, post } = posting({
      event: () => {
        throw new Error("broken listener");
      },
    });
    expect(await post(history())).toBe(503);
    expect(memory.events()).toHaveLength(1);
  });
});

describe("the log of first reports", () => {
  const lines = ({ lines }: MemoryPorts) =>
    lines.flatMap(({ level, message, facts }) => (message === "first report" ? [[level, facts]] : []));

  function logging() {
    const memory = new MemoryPorts();
    const listener = logFirstReports(memory.log);
    return { ...posting(listener), listener, memory };
  }

  it("has one line for each box, with the kind of its report", async () => {
    const { memory, post } = logging();
    for (const box of ["gate-1", "gate-1", "gate-2"]) await post(history(), box);
    await post(fixture("status", "complete"), "gate-1");
    await post(fixture("status", "complete"), "gate-3");
    expect(lines(memory)).toEqual([
      ["info", { box: "gate-1", kind: "history" }],
      ["info", { box: "gate-2", kind: "history" }],
      ["info", { box: "gate-3", kind: "status" }],
    ]);
  });

  it("has no line for a report that was not stored", async () => {
    const logged = logging();
    logged.ports.index = { upsert: () => Promise.reject(new Error("disk full")) };
    expect(await logged.post(history())).toBe(503);
    expect(lines(logged.memory)).toEqual([]);
  });

  it("remembers ten thousand boxes", () => {
    const { memory, listener } = logging();
    const hear = (box: string) => listener.boxStatus?.({ box, kind: "status", receivedAt: memory.now, report: {} });
    for (let n = 0; n <= 10_000; n++) hear(`box ${n}`);
    hear("box 0");
    expect(lines(memory)).toHaveLength(10_002);
  });
});
