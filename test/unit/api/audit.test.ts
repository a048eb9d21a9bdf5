import { shownAuditRecord, storedRecord } from "@gatepost/core/audit";
import { hashToken, keyIdOf } from "@gatepost/core/keys";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { documented } from "../../../packages/api/src/api.ts";
import { auditEntries, verified } from "../../support/audit.ts";
import { documentOf, jpeg, noon, passing, runtime, seen, type TestRuntime, withExamples } from "./support.ts";

const entriesOf = (deps: TestRuntime) => auditEntries(deps.ingest.audit);
const namesOf = async (deps: TestRuntime) =>
  (await entriesOf(deps)).map(({ action, outcome }) => `${action} ${outcome}`);

const base64 = Buffer.concat([jpeg("a face"), Buffer.alloc(2000)]).toString("base64");
const inQuarantine = async ({ quarantine }: TestRuntime, id: string, body: unknown) => {
  const record = { id, box: "gate-1", path: "/HistoryEvent", reason: "unknown", headers: {}, event: null };
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  await quarantine.put({ ...record, receivedAt: noon, body: bytes });
  return id;
};

describe("the audit log", () => {
  // A route that tries or suggests something writes nothing.
  const writing = documented.filter(({ method, path }) => method !== "GET" && !/\/(?:try|suggest)$/.test(path));
  it.each(writing.filter(({ who }) => who?.keys.includes("read") === false))(
    "$method $path leaves an entry, as every changing route for admins",
    ({ isAudited }) => {
      expect(isAudited).toBe(true);
    },
  );

  it("a key's creation and revocation are logged, without its token", async () => {
    const deps = await runtime();
    const body = JSON.stringify({ scope: "read", boxes: ["gate-1"], note: "Ada" });
    const made = (await (await deps.ask("/v1/keys", { method: "POST", body })).json()) as { id: string; token: string };
    await deps.ask(`/v1/keys/${made.id}`, { method: "DELETE" });
    await deps.ask("/v1/keys/gpa_thisMayBeSomebodysKeyWhoErred", { method: "DELETE" });
    expect(await entriesOf(deps)).toMatchObject([
      {
        seq: 1,
        action: "key-made",
        outcome: "asked",
        by: keyIdOf(hashToken(deps.tokens.admin)),
        about: { scope: "read", boxes: ["gate-1"] },
      },
      { action: "key-made", outcome: "done", about: { scope: "read", key: made.id, asked: 1 } },
      { action: "key-revoked", outcome: "asked", about: { key: made.id } },
      { action: "key-revoked", outcome: "done", about: { key: made.id, asked: 3 } },
      { action: "key-revoked", outcome: "asked", about: { key: "no key" } },
      { action: "key-revoked", outcome: "refused", about: { asked: 5 } },
    ]);
    expect(JSON.stringify(await entriesOf(deps))).not.toMatch(/gp[ira]_|Ada/);
  });

  it("erasures are logged with hashes, not with ids of persons or events", async () => {
    const deps = await runtime();
    await deps.deliver(seen);
    const [event] = deps.ingest.events();
    await deps.ask(`/v1/events/${event?.id}`, { method: "DELETE" });
    for (let time = 0; time < 2; time++) await deps.ask("/v1/people?id=666666&box=gate-1", { method: "DELETE" });
    expect(await namesOf(deps)).toEqual([
      "event-erased asked",
      "event-erased done",
      ...["person-erased asked", "person-erased done", "person-erased asked", "person-erased done"],
    ]);
    const [, , first, done, second] = await entriesOf(deps);
    expect(done?.about).toMatchObject({ box: "gate-1", job: expect.stringMatching(/^job_/), asked: 3 });
    expect(first?.about["person"]).toMatch(/^[0-9a-f]{64}$/);
    expect(second?.about["person"]).toBe(first?.about["person"]);
    expect(JSON.stringify(await entriesOf(deps))).not.toMatch(/666666|evt_/);
  });

  it("an action that cannot be noted is not done", async () => {
    const deps = await runtime();
    await deps.deliver(seen);
    deps.deps.audit = { ...deps.deps.audit, note: () => Promise.reject(new Error("the disk is full")) };
    const [event] = deps.ingest.events();
    expect((await deps.ask(`/v1/events/${event?.id}`, { method: "DELETE" })).status).toBe(503);
    expect(deps.ingest.events()).toHaveLength(1);
  });

  it("an action is done although its outcome cannot be audited, and the log names it", async () => {
    const deps = await runtime();
    await deps.deliver(seen);
    const { audit } = deps.deps;
    let notes = 0;
    deps.deps.audit = {
      note: (entry) => (++notes === 1 ? audit.note(entry) : Promise.reject(new Error("the disk is full"))),
      noteSignIn: (signIn) => audit.noteSignIn(signIn),
      noteRarely: (name, entry) => audit.noteRarely(name, entry),
      countPictures: (key, pictures) => audit.countPictures(key, pictures),
    };
    const [event] = deps.ingest.events();
    expect((await deps.ask(`/v1/events/${event?.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await namesOf(deps)).toEqual(["event-erased asked"]);
    expect(deps.lines.map(({ message }) => message)).toContain(
      "could not write the result of an action to the audit log",
    );
  });

  it("a failed action is logged as failed", async () => {
    const deps = await runtime();
    deps.deps.eraser.eraseEvent = () => Promise.reject(new Error("the store is gone"));
    await deps.ask("/v1/events/evt_1", { method: "DELETE" });
    expect(await namesOf(deps)).toEqual(["event-erased asked", "event-erased failed"]);
  });

  it("sign-ins are logged by key and by a hash of the address", async () => {
    const deps = await runtime();
    await deps.ask("/v1/me");
    await deps.ask("/v1/me");
    expect(await entriesOf(deps)).toMatchObject([
      { action: "signed-in", outcome: "done", by: keyIdOf(hashToken(deps.tokens.admin)), from: null },
    ]);
    deps.deps.audit = { ...deps.deps.audit, noteSignIn: () => Promise.reject(new Error("the disk is full")) };
    expect((await deps.ask("/v1/me")).status).toBe(200);
  });

  it("only pictures that were read are counted", async () => {
    const deps = await runtime();
    await deps.deliver(seen);
    const [event] = deps.ingest.events();
    const path = `/v1/events/${event?.id}/pictures`;
    const etag = (await deps.ask(`${path}/face`)).headers.get("etag") ?? "";
    await deps.ask(`${path}/face/link`);
    await deps.ask(`${path}/face`, { headers: { "if-none-match": etag } });
    await deps.ask(`${path}/scene`);
    deps.ingest.now += 60 * 60 * 1000;
    await deps.ask("/v1/me");
    expect((await entriesOf(deps))[0]).toMatchObject({
      action: "pictures-read",
      by: keyIdOf(hashToken(deps.tokens.admin)),
      about: { count: 2 },
    });
  });

  it("pictures read from a quarantined report are counted", async () => {
    const deps = await runtime();
    const id = await inQuarantine(deps, "qrt_two", passing({ reg_pic: base64, spot_pic: base64 }));
    const other = await inQuarantine(deps, "qrt_bytes", jpeg("no report"));
    deps.deps.quarantineLinks = { link: async () => ({ url: "https://bucket/body", expires: "2026-11-05T04:05:00Z" }) };
    const large = await inQuarantine(deps, "qrt_large", Buffer.alloc(6 * 1024 * 1024, "x"));
    const counts: unknown[] = [];
    const paths = [
      `${id}/pictures/reg_pic`,
      id,
      `${id}?fold=1`,
      other,
      `${other}?fold=1`,
      large,
      `${id}/pictures/none`,
    ];
    for (const path of paths) {
      const before = (await entriesOf(deps)).length;
      await deps.ask(`/v1/quarantine/${path}`);
      deps.ingest.now += 60 * 60 * 1000;
      await deps.ask("/v1/me");
      const added = (await entriesOf(deps)).slice(before);
      counts.push(added.find(({ action }) => action === "pictures-read")?.about["count"]);
    }
    expect(counts).toEqual([1, 2, undefined, 1, 1, 1, undefined]);
  });

  it("refused and rate-limited requests of a read key leave no entry", async () => {
    const deps = await runtime();
    const { read } = deps.tokens;
    const post = async (body: object) =>
      (await deps.ask("/v1/jobs", { method: "POST", token: read, body: JSON.stringify(body) })).status;
    const boxes = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(256, "x"));
    expect(await post({ kind: "erase", person: "x", boxes })).toBe(403);
    expect(await post({ kind: "replay" })).toBe(403);
    expect(await namesOf(deps)).toEqual([]);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push(await post({ kind: "export", format: "csv" }));
    expect(statuses).toEqual([...Array(10).fill(202), 429, 429]);
    expect(await namesOf(deps)).toHaveLength(20);
  });

  it("an erasure at many boxes is logged with their number and the first boxes, shortened", async () => {
    const deps = await runtime();
    const boxes = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(256, "x"));
    await deps.ask("/v1/jobs", { method: "POST", body: JSON.stringify({ kind: "erase", person: "x", boxes }) });
    const [asked] = await entriesOf(deps);
    expect(asked?.about).toMatchObject({ boxCount: 50, boxes: expect.arrayContaining([`9${"x".repeat(62)}…`]) });
    expect(JSON.stringify(asked).length).toBeLessThan(2000);
  });

  it("admins alone read the log, by page and by time, and its chain is intact", async () => {
    const deps = await runtime();
    for (let n = 0; n < 3; n++) {
      deps.ingest.now = noon + n * 1000;
      await deps.ask(`/v1/keys/key_${n}x`, { method: "DELETE" });
    }
    expect((await deps.ask("/v1/audit", { token: deps.tokens.read })).status).toBe(403);
    const first = (await (await deps.ask("/v1/audit?limit=4")).json()) as { entries: { seq: number }[]; next: string };
    expect(first).toMatchObject({ head: { seq: 6 }, keptFrom: expect.stringMatching(/^2023-/) });
    const rest = (await (await deps.ask(`/v1/audit?limit=4&cursor=${first.next}`)).json()) as typeof first;
    expect([...first.entries, ...rest.entries].map(({ seq }) => seq)).toEqual([6, 5, 4, 3, 2, 1]);
    const middle = await deps.ask(`/v1/audit?from=${noon + 1000}&to=${noon + 2000}`);
    expect(((await middle.json()) as typeof first).entries.map(({ seq }) => seq)).toEqual([4, 3]);
    expect(await verified(deps.ingest.audit, { now: noon })).toEqual({
      entries: 6,
      oldest: 1,
      brokenAt: null,
      faults: [],
    });
  });
});

it("the document shows an entry whose hash is its own", async () => {
  const document = await documentOf(await withExamples());
  const answer = z.object({
    entries: z.array(shownAuditRecord.transform(storedRecord)),
    head: z.object({ seq: z.int(), hash: z.string() }),
  });
  const content = document.paths["/v1/audit"]?.["get"]?.responses["200"]?.content?.["application/json"];
  const { entries, head } = answer.parse(content?.example);
  const log = { head: async () => head, list: async () => ({ items: entries, next: null }) };
  expect((await verified(log, { now: noon })).faults).toEqual([]);
});
