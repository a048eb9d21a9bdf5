import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { auditEntries } from "../../support/audit.ts";
import { sha256 } from "../../support/pictures.ts";
import { jpeg, noon, runtime, type TestRuntime, takingImports } from "./support.ts";

let deps: TestRuntime;
let id: string;
beforeEach(async () => {
  deps = await runtime();
  deps.deps.imports = takingImports();
  const begun = await deps.ask("/v1/imports", { method: "POST", body: JSON.stringify({ store: "0123456789abcdef" }) });
  expect(begun.status).toBe(201);
  id = ((await begun.json()) as { id: string }).id;
});

const bring = (body: unknown, { to = id, token = deps.tokens.admin } = {}) =>
  deps.ask(`/v1/imports/${to}`, { method: "POST", token, body: JSON.stringify(body) });
const saidOf = async (answer: Response) => `${answer.status} ${((await answer.json()) as { detail: string }).detail}`;

const report = { kind: "history", dialect: "history-nested", receivedAt: noon, time: noon };
const event = {
  id: "evt_2fdpfghpbxkebwx2hbf0pn9c4z",
  box: "gate-1",
  isSecondFace: false,
  expiresAt: noon + 1_000_000,
  reports: [{ report, fingerprint: "face" }],
  actions: [],
};

const record = {
  id: "qrt_1",
  box: "gate-1",
  path: "/HistoryEvent",
  reason: "not-json",
  receivedAt: noon,
  headers: {},
  body: "e30=",
  event: null,
  eventsOfBatch: [],
};

const replayed = {
  id: "qrt_1",
  receivedAt: noon,
  reason: "unknown-shape",
  keptFor: null,
  event: event.id,
  until: noon + 1000,
  parts: [{ mapping: "map_1", number: 0, events: [event.id], isUndone: false, until: noon + 1000 }],
  record,
};

describe("an import from another store", () => {
  it("events are accepted only under an import that was begun here and has not ended", async () => {
    for (const to of ["imp_x", "imp_mw4g4nvs_AAAAAAAAAAAAAAAAAAAAAA", `${id}x`, id.replace(/^imp_./, "imp_z")])
      expect((await bring({ events: [event] }, { to })).status).toBe(404);
    expect((await bring({ events: [event] })).status).toBe(200);
    deps.ingest.now += 25 * 60 * 60 * 1000;
    expect((await bring({ events: [event] })).status).toBe(410);
    expect((await auditEntries(deps.ingest.audit)).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "imported asked",
      "imported done",
    ]);
  });

  it("only an admin key may import", async () => {
    for (const token of [deps.tokens.read, deps.tokens.ingest])
      expect((await bring({ events: [event] }, { token })).status).toBe(403);
  });

  it("an invalid event is refused, and no part of it is written", async () => {
    const written: unknown[] = [];
    const imports = takingImports();
    imports.index = {
      upsert: async (entry) => {
        written.push(entry);
        return { outcome: "created", enqueued: false, event: null };
      },
    };
    deps.deps.imports = imports;
    for (const wrong of [
      {},
      [],
      { events: [] },
      { events: [{ ...event, id: "key_1" }] },
      { events: [{ ...event, reports: [] }] },
      { events: [{ ...event, reports: [{ report: { ...report, kind: "other" }, fingerprint: "x" }] }] },
      { events: [{ ...event, reports: [{ report: { ...report, receivedAt: "now" }, fingerprint: "x" }] }] },
      { events: [{ ...event, reports: [{ report: { ...report, receivedAt: 9e15 }, fingerprint: "x" }] }] },
      { events: [{ ...event, reports: [{ report: { ...report, time: -9e15 }, fingerprint: "x" }] }] },
      { events: [{ ...event, expiresAt: 9e15 }] },
      { record: { ...record, receivedAt: 9e15 } },
      { events: [{ ...event, actions: [{ wantAction: "9", state: "done", reason: null, at: 1, history: [] }] }] },
      { events: Array.from({ length: 101 }, () => event) },
      { keys: [{ id: "key_1", tokenHash: "gpa_aTokenThatIsNoHashAtAll0000", scope: "admin" }] },
      { picture: { eventId: event.id, report: "history", kind: "face", month: "../x", sha256: "0", data: "" } },
      { record: { id: "../../x" } },
      { replay: { ...replayed, parts: [{ ...replayed.parts[0], mapping: "../x" }] } },
      { replay: { ...replayed, record: { ...record, id: "../../x" } } },
      { compare: ["x"] },
      { unknown: true },
    ])
      expect((await bring(wrong)).status, JSON.stringify(wrong)).toBe(400);
    expect(written).toEqual([]);
    // Wrong input of a client is no failure that wakes an operator.
    expect(deps.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("records of quarantine have the shape with which they were delivered", async () => {
    const [delivered, put]: [QuarantineRecord[], QuarantineRecord[]] = [[], []];
    const imports = takingImports();
    imports.quarantine.put = async (one) => void put.push(one);
    deps.deps.imports = imports;
    const ports = { ...deps.ingest, listeners: [{ quarantined: (one: QuarantineRecord) => void delivered.push(one) }] };
    for (const body of [`{"userName":"Wang","at":${noon}}`, '{"hello":1}', "no JSON"])
      await replay({ ...record, body: Buffer.from(body) }, ports);
    expect(delivered.map(({ shape }) => shape?.isPassing)).toEqual([true, false, undefined]);
    for (const { body, shape: _, ...one } of delivered) {
      const sent = { ...one, eventsOfBatch: [], body: Buffer.from(body).toString("base64") };
      expect((await bring({ record: sent })).status).toBe(200);
    }
    expect(put.map(({ shape }) => shape)).toEqual(delivered.map(({ shape }) => shape));
  });

  it("a record of a batch may have 12,000 events", async () => {
    const eventsOfBatch = Array.from({ length: 12_000 }, () => event.id);
    expect((await bring({ record: { ...record, eventsOfBatch } })).status).toBe(200);
    expect((await bring({ replay: { ...replayed, record: { ...record, eventsOfBatch } } })).status).toBe(200);
  });

  it("missing pictures are named, and bytes with another hash are refused", async () => {
    const data = jpeg("face");
    const pictures = { face: { sha256: sha256(data), bytes: data.length, contentType: "image/jpeg", in: "x", at: 5 } };
    const shown = { ...event, reports: [{ report: { ...report, pictures }, fingerprint: "face" }] };
    const answer = (await (await bring({ events: [shown] })).json()) as { taken: unknown };
    const missing = { eventId: event.id, report: "history", kind: "face", month: "2026-11", sha256: sha256(data) };
    expect(answer.taken).toEqual([{ id: event.id, outcome: "pictures", missing: [missing] }]);
    expect((await bring({ picture: { ...missing, data: data.toString("base64") } })).status).toBe(200);
    const other = await bring({ picture: { ...missing, data: jpeg("other").toString("base64") } });
    expect(await saidOf(other)).toMatch(/^400 picture\.data: must be the bytes/);
    const none = await bring({ picture: { ...missing, sha256: sha256(Buffer.alloc(0)), data: "" } });
    expect(await saidOf(none)).toMatch(/^400 picture\.data: must be the bytes/);
  });

  it("an import may be larger than other requests, up to a limit", async () => {
    const picture = { eventId: event.id, report: "history", kind: "face", month: "2026-11" };
    const large = Buffer.alloc(5 * 1024 * 1024, 1);
    const sent = { ...picture, sha256: sha256(large), data: large.toString("base64") };
    expect((await bring({ picture: sent })).status).toBe(200);
    const tooLarge = { ...sent, data: Buffer.alloc(7 * 1024 * 1024).toString("base64") };
    expect(await saidOf(await bring({ picture: tooLarge }))).toBe("413 the body may have 8192 KB");
  });

  it("an expired or erased event is reported as not imported", async () => {
    const outcome = async (sent: object) =>
      ((await (await bring({ events: [sent] })).json()) as { taken: { outcome: string }[] }).taken[0]?.outcome;
    expect(await outcome({ ...event, expiresAt: noon })).toBe("expired");
    expect(await outcome(event)).toBe("created");
    await deps.ingest.suppression.note({ event: event.id }, "gate-1", noon + 1);
    if (deps.deps.imports !== null) deps.deps.imports = { ...deps.deps.imports, suppression: deps.ingest.suppression };
    expect(await outcome(event)).toBe("erased");
  });

  it("a runtime without imports answers 404", async () => {
    deps.deps.imports = null;
    expect((await bring({ events: [event] })).status).toBe(404);
  });
});
