import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchJob, type Job, notBefore, runSlice } from "@gatepost/api";
import { KeyUses } from "@gatepost/core/keys";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { idOf } from "@gatepost/protocol";
import { KeyMeters } from "@gatepost/receive";
import type { Range } from "@gatepost/store";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { doJobs, type MemoryExports } from "../../support/memory/jobs.ts";
import { isWhole } from "../../support/seeded.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
});

const post = (body: object, token = deps.tokens.admin) =>
  deps.ask("/v1/jobs", { method: "POST", token, body: JSON.stringify(body) });
const create = async (body: object, token?: string) => {
  const answer = await post(body, token);
  expect(answer.status).toBe(202);
  return (await answer.json()) as { id: string; state: string };
};
const shown = async (id: string, token?: string) =>
  (await deps.ask(`/v1/jobs/${id}`, token === undefined ? {} : { token })).json() as Promise<Shown>;
interface Shown {
  state: string;
  done: number;
  of: number;
  reason: string | null;
  result: Record<string, unknown> & { url: string | null };
}
const done = async (body: object) => {
  const { id } = await create(body);
  await doJobs(deps.deps);
  return { id, ...(await shown(id)) };
};
const exported = async (body: object) => {
  const job = await done({ kind: "export", ...body });
  const answer = await deps.ask(String(job.result.url), { headers: { authorization: "" } });
  expect(answer.status).toBe(200);
  return { job, answer, bytes: Buffer.from(await answer.arrayBuffer()) };
};
const stored = (id: string) => deps.deps.jobs.store.get(id) as Promise<Job>;

describe("a job", () => {
  it("a job is answered with 202, waits, and is done", async () => {
    await deps.deliver(passing());
    const { id, state } = await create({ kind: "export", format: "csv" });
    expect(state).toBe("waiting");
    await doJobs(deps.deps);
    expect(await shown(id)).toMatchObject({ id, kind: "export", state: "done", done: 1, of: 1, reason: null });
  });

  it.each([
    ["of no kind", { kind: "dance" }],
    ["of a format that there is not", { kind: "export", format: "parquet" }],
    ["with a column twice", { kind: "export", format: "csv", columns: ["name", "name"] }],
    ["with a filter that there is not", { kind: "export", format: "csv", filter: { colour: "red" } }],
    ["that sees boxes which no filter may name", { kind: "export", format: "csv", filter: { boxes: ["gate-1"] } }],
    ["to erase nowhere", { kind: "erase", person: "7" }],
    ["to erase at some and at all", { kind: "erase", person: "7", boxes: ["gate-1"], all: true }],
    ["to erase at no box", { kind: "erase", person: "7", boxes: [] }],
    ["to erase not at all", { kind: "erase", person: "7", all: false }],
    ["to erase nobody", { kind: "erase", person: "", all: true }],
  ])("%s is refused", async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });

  it.each([
    [{ type: "vipp" }, /^filter\.type\.0: must be one of employee, visitor, /],
    [{ type: ["vip", "vipp"] }, /^filter\.type\.1: must be one of employee, visitor, /],
    [{ box: 5 }, "filter.box: must be a text, or filter.box: must be a list"],
    [{ q: "" }, "filter.q: must not be empty; leave it out to not filter by it"],
  ])("a refusal of the filter %j names the valid ones", async (filter, detail) => {
    const answer = await post({ kind: "export", format: "csv", filter });
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it("a read key may create exports only, and no other read key sees them", async () => {
    const { read } = deps.tokens;
    expect((await post({ kind: "erase", person: "7", all: true }, read)).status).toBe(403);
    const replay = await post({ kind: "replay" }, read);
    expect(await replay.json()).toMatchObject({ status: 403, detail: expect.stringContaining(`for the job "replay"`) });
    const { id } = await create({ kind: "export", format: "csv" }, read);
    const other = deps.ingest.addKey("read", null);
    for (const method of ["GET", "DELETE"]) {
      expect((await deps.ask(`/v1/jobs/${id}`, { method, token: other })).status).toBe(404);
      expect((await deps.ask(`/v1/jobs/${id}`, { method, token: deps.tokens.ingest })).status).toBe(403);
    }
    expect(await shown(id, read)).toMatchObject({ state: "waiting" });
    expect(await shown(id)).toMatchObject({ state: "waiting" });
    expect((await deps.ask("/v1/jobs/job_unknown")).status).toBe(404);
  });

  it("a job can be stopped, also twice, and then does no more", async () => {
    await deps.deliver(passing());
    const { id } = await create({ kind: "erase", person: "77", all: true });
    for (let n = 0; n < 2; n++) expect((await deps.ask(`/v1/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
    await doJobs(deps.deps);
    expect(await shown(id)).toMatchObject({ state: "stopped", result: null });
    expect(deps.ingest.events()).toHaveLength(1);
    expect(JSON.stringify(await stored(id))).not.toContain('"77"');
  });

  it("an eleventh unfinished job of a key is refused", async () => {
    for (let n = 0; n < 10; n++) await create({ kind: "replay" });
    const refused = await post({ kind: "replay" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await refused.text()).toContain("this key has too many unfinished jobs");
    expect((await post({ kind: "erase", person: "7", all: true })).status).toBe(429);
    await create({ kind: "export", format: "csv" }, deps.tokens.read);
    await doJobs(deps.deps);
    await create({ kind: "replay" });
  });

  it("read keys do not block an admin's job, and jobs do not block an erasure", async () => {
    const csv = { kind: "export", format: "csv" };
    const full = async (scope: "read" | "admin") => {
      const token = deps.ingest.addKey(scope, null);
      for (let n = 0; n < 10; n++) await create(csv, token);
    };
    for (let n = 0; n < 4; n++) await full("read");
    const late = deps.ingest.addKey("read", null);
    expect((await post(csv, late)).status).toBe(429);
    await create({ kind: "replay" });
    const answers: number[] = [];
    for (const n of [9, 9]) {
      const token = deps.ingest.addKey("admin", null);
      for (let left = n; left > 0; left--) answers.push((await post(csv, token)).status);
    }
    expect(answers.filter((status) => status === 202)).toHaveLength(50 - 40 - 1);
    const refused = await post({ kind: "replay" });
    expect([refused.status, await refused.text()]).toEqual([
      429,
      expect.stringContaining("all keys together have too many"),
    ]);
    await create({ kind: "erase", person: "7", all: true });
  });

  it.runIf(isWhole)("a read key gets 200 jobs a day, with any result", async () => {
    const csv = { kind: "export", format: "csv" };
    for (let n = 0; n < 200; n++) {
      const { id } = await create(csv, deps.tokens.read);
      await deps.ask(`/v1/jobs/${id}`, { method: "DELETE", token: deps.tokens.read });
    }
    const refused = await post(csv, deps.tokens.read);
    const untilMidnight = (Date.UTC(2026, 10, 6) - deps.ingest.now) / 1000;
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, `${untilMidnight}`]);
    expect(await refused.text()).toContain("in a day");
    await create(csv);
    deps.ingest.now = Date.UTC(2026, 10, 6);
    await create(csv, deps.tokens.read);
  });

  it("a job is unknown 30 days after its end", async () => {
    const { id } = await create({ kind: "replay" });
    deps.ingest.now += 30 * 86_400_000;
    expect((await deps.ask(`/v1/jobs/${id}`)).status).toBe(200);
    await doJobs(deps.deps);
    deps.ingest.now += 30 * 86_400_000;
    expect((await deps.ask(`/v1/jobs/${id}`)).status).toBe(404);
  });
});

describe("an export", () => {
  it("a CSV begins with a byte order mark and has each text in quotes", async () => {
    await deps.deliver(passing({ identity_name: 'Ada "the\r\nfirst", 陈' }));
    const { bytes, answer } = await exported({ format: "csv", columns: ["name", "score", "group", "time"] });
    expect(bytes.toString()).toBe(
      '\uFEFF"name","score","group","time"\r\n"Ada ""the\r\nfirst"", 陈",0.9,,"2026-11-05T04:00:00.000Z"\r\n',
    );
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="gatepost-job_\w+\.csv"$/);
  });

  it("a CSV has several flags or pictures in one cell, with a blank between them", async () => {
    const pictures = { recognize_face: jpeg("face").toString("base64"), spot_pic: jpeg("scene").toString("base64") };
    await deps.deliver(passing({ extData: pictures }));
    const { list } = deps.deps.events;
    deps.deps.events.list = async (filter, page) => {
      const read = await list.call(deps.deps.events, filter, page);
      for (const { reports } of read.items) for (const report of reports) report.flags = ["conflict", "id-missing"];
      return read;
    };
    const { bytes } = await exported({ format: "csv", columns: ["flags", "pictures"] });
    expect(bytes.toString()).toBe('\uFEFF"flags","pictures"\r\n"conflict id-missing","scene face"\r\n');
  });

  const unseen = ["\0", "\u0001", "\u007F", "\u0085", "\u00AD", "\u200B", "\u202E", "\uFEFF", "\uFFFE", "\uFE0F"];
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1", ...unseen.map((mark) => `${mark}=1`)])(
    "a CSV has no cell that a spreadsheet would run: %j",
    async (name) => {
      await deps.deliver(passing({ identity_name: name, extData: { memo: 1 } }));
      const { bytes } = await exported({ format: "csv", columns: ["name"] });
      const [, cell = ""] = /\r\n"([\s\S]*)"\r\n$/.exec(bytes.toString()) ?? [];
      expect(cell.startsWith("'") || cell === "").toBe(true);
    },
  );

  it("a CSV cell has no control characters except tabs and line ends", async () => {
    await deps.deliver(passing({ identity_name: "a\0b\u0007c\td\r\ne\u009Ff\u200Dg" }));
    const { bytes } = await exported({ format: "csv", columns: ["name"] });
    expect(bytes.toString()).toBe('\uFEFF"name"\r\n"abc\td\r\nef\u200Dg"\r\n');
  });

  it("an NDJSON file has one matching event per line, newest first", async () => {
    for (let n = 0; n < 3; n++) await deps.deliver(passing({ timestamp: noon - n * 1000 }));
    await deps.deliver(passing(), { box: "gate-2" });
    const { bytes, job } = await exported({ format: "ndjson", filter: { box: "gate-1", to: "2026-11-05T04:00:00Z" } });
    const lines = bytes.toString().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).timestamp)).toEqual([noon - 1000, noon - 2000]);
    expect(job.result["events"]).toBe(2);
  });

  it("an export without events is empty", async () => {
    expect((await exported({ format: "ndjson" })).bytes.toString()).toBe("");
    expect((await exported({ format: "csv", columns: ["id"] })).bytes.toString()).toBe('\uFEFF"id"\r\n');
  });

  it("a zip has the table and each picture, and Python reads it", async () => {
    for (let n = 0; n < 3; n++) {
      const extData = {
        recognize_face: jpeg(`face ${n}`).toString("base64"),
        spot_pic: jpeg(`scene ${n}`).toString("base64"),
      };
      await deps.deliver(passing({ timestamp: noon + n, extData }));
    }
    const { id } = await create({ kind: "export", format: "zip" });
    await doJobs(deps.deps, { events: 1, records: 1, bytes: 1 });
    const { result } = await shown(id);
    const bytes = Buffer.from(await (await deps.ask(String(result.url))).arrayBuffer());
    const files = await unzipped(bytes);
    const [event] = deps.ingest.events();
    expect(Object.keys(files)).toHaveLength(7);
    expect(Buffer.from(String(files[`pictures/${event?.id}-face.jpg`]), "base64")).toEqual(jpeg("face 0"));
    expect(Buffer.from(String(files["events.csv"]), "base64").toString().split("\r\n")).toHaveLength(5);
    expect((deps.deps.jobs.exports as MemoryExports).notes.size).toBe(0);
  });

  it("an export in slices equals one in one go, even if each slice is repeated", async () => {
    for (let n = 0; n < 7; n++) await deps.deliver(passing({ timestamp: noon + n }));
    const whole = (await exported({ format: "csv" })).bytes;
    const { id } = await create({ kind: "export", format: "csv" });
    const { store } = deps.deps.jobs;
    const { advance } = store;
    let turns = 0;
    store.advance = async (before, after) =>
      turns++ % 2 === 0 ? Promise.reject(new Error("power cut")) : advance.call(store, before, after);
    const limits = { events: 2, records: 1, bytes: 1 };
    for (let n = 0; n < 40; n++) await doJobs(deps.deps, limits).catch(() => {});
    store.advance = advance;
    const { result } = await shown(id);
    expect(Buffer.from(await (await deps.ask(String(result.url))).arrayBuffer())).toEqual(whole);
  });

  it("an export of over 10 GB is refused before anything is written", async () => {
    await deps.deliver(passing({ extData: { recognize_face: jpeg("face").toString("base64") } }));
    const { list } = deps.deps.events;
    deps.deps.events.list = async (filter, page) => {
      const read = await list.call(deps.deps.events, filter, page);
      for (const { reports } of read.items)
        for (const report of reports) {
          const face = report.pictures?.face;
          if (face !== undefined) face.bytes = 11 * 1024 ** 3;
        }
      return read;
    };
    const job = await done({ kind: "export", format: "zip" });
    expect(job).toMatchObject({ state: "failed", result: null, reason: expect.stringContaining("over 10 GB") });
    expect((deps.deps.jobs.exports as MemoryExports).files.size).toBe(0);
  });

  it.each([
    ["csv", "done"],
    ["zip", "failed"],
  ])("a table of over 4 GB, the limit within a zip, gives as %s %s", async (format, state) => {
    await deps.deliver(passing());
    const { id } = await create({ kind: "export", format });
    const job = await stored(id);
    const begun = {
      phase: "count",
      cursor: null,
      bytes: 0,
      tableCrc: 0,
      entries: 0,
      notes: 0,
      expected: 0,
      file: null,
    };
    await deps.deps.jobs.store.advance(job, { ...job, progress: { ...begun, tableBytes: 4 * 1024 ** 3 } });
    await doJobs(deps.deps);
    expect(await shown(id)).toMatchObject({ state });
  });

  describe("beside other results", () => {
    const csv = { kind: "export", format: "csv" };
    const gigabyte = 1024 ** 3;
    /** An export that is done, as if its result had so many bytes. */
    const kept = async (bytes: number, token = deps.tokens.read) => {
      const { id } = await create(csv, token);
      await doJobs(deps.deps);
      const job = await stored(id);
      await deps.deps.jobs.store.advance(job, { ...job, result: { events: 0, bytes, file: null } });
      return id;
    };

    it("a key with exports of 20 GB gets another after one is removed or expired", async () => {
      await kept(1, deps.tokens.admin);
      deps.ingest.now += 1000;
      const id = await kept(20 * gigabyte);
      const refused = await post(csv, deps.tokens.read);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "86400"]);
      expect(await refused.text()).toContain(`DELETE /v1/jobs/${id}`);
      await create(csv);
      const remove = { method: "DELETE", token: deps.tokens.read };
      expect((await deps.ask(`/v1/jobs/${id}`, remove)).status).toBe(204);
      expect(await shown(id)).toMatchObject({ state: "stopped", result: null, reason: null });
      expect((deps.deps.jobs.exports as MemoryExports).files.has(id)).toBe(false);
      await kept(20 * gigabyte);
      deps.ingest.now += 24 * 3600_000;
      await create(csv, deps.tokens.read);
    });

    it("a key's fifty-first result is refused", async () => {
      for (let n = 0; n < 50; n++) await kept(1);
      expect((await post(csv, deps.tokens.read)).status).toBe(429);
      await create(csv);
    });

    it("above 100 GB of all keys, only read keys are refused another", async () => {
      for (let n = 0; n < 5; n++) await kept(20 * gigabyte, deps.ingest.addKey("read", null));
      const refused = await post(csv, deps.tokens.read);
      expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining("of all keys")]);
      expect(refused.headers.get("retry-after")).toBe("86400");
      await create(csv);
    });

    it("an export fails before anything is written if all would have over 20 GB", async () => {
      await deps.deliver(passing());
      const id = await kept(20 * gigabyte - 10);
      const job = await create(csv, deps.tokens.read);
      await doJobs(deps.deps);
      const reason = expect.stringMatching(new RegExp(`over 20 GB; remove one, as by DELETE /v1/jobs/${id}`));
      expect(await shown(job.id)).toMatchObject({ state: "failed", reason });
      expect((deps.deps.jobs.exports as MemoryExports).files.has(job.id)).toBe(false);
    });

    it("results of other keys do not block an export", async () => {
      await deps.deliver(passing());
      await kept(20 * gigabyte, deps.ingest.addKey("read", null));
      await kept(20 * gigabyte - 1000);
      const job = await create(csv, deps.tokens.read);
      await doJobs(deps.deps);
      expect(await shown(job.id)).toMatchObject({ state: "done", result: { events: 1 } });
    });

    it("an export fails if a running one will take the space, and names that one", async () => {
      await deps.deliver(passing());
      const { id } = await create(csv);
      const { store } = deps.deps.jobs;
      const running = { ...(await stored((await create(csv)).id)), progress: { expected: 20 * gigabyte } };
      const { unfinished } = store;
      store.unfinished = async () =>
        (await unfinished.call(store)).map((job) => (job.id === running.id ? running : job));
      await doJobs(deps.deps);
      const reason = expect.stringContaining("over 20 GB; stop an export that is under way, or ask for less");
      expect(await shown(id)).toMatchObject({ state: "failed", reason });
    });

    it("a zip needs space for its pictures and for the description of each", async () => {
      for (let n = 0; n < 9; n++)
        await deps.deliver(
          passing({ timestamp: noon + n, extData: { recognize_face: jpeg(`face ${n}`).toString("base64") } }),
        );
      const zip = { kind: "export", format: "zip" };
      const { bytes } = await exported(zip);
      // The first and the last bytes of the file are not counted, which are as many for any file.
      deps.deps.jobs.exports.room = async () => bytes.length - 500;
      expect(await done(zip)).toMatchObject({ state: "failed", reason: expect.stringContaining("make room on it") });
    });

    it("an export fails before anything is written if the disk would be nearly full", async () => {
      await deps.deliver(passing());
      deps.deps.jobs.exports.room = async () => 100;
      const job = await done(csv);
      expect(job).toMatchObject({ state: "failed", reason: expect.stringContaining("make room on it") });
      expect((deps.deps.jobs.exports as MemoryExports).files.size).toBe(0);
    });
  });

  it("the link of an export lasts ten minutes, its result a day", async () => {
    await deps.deliver(passing());
    const job = await done({ kind: "export", format: "csv" });
    deps.ingest.now += 10 * 60_000;
    expect((await deps.ask(String(job.result.url))).status).toBe(410);
    const { result } = await shown(job.id);
    expect((await deps.ask(String(result.url))).status).toBe(200);
    deps.ingest.now += 24 * 3600_000;
    expect(await shown(job.id)).toMatchObject({ state: "done", result: { url: null, expires: null } });
    expect((await deps.ask("/v1/exports/forged")).status).toBe(404);
  });

  it("an export by a limited key has only the events of its boxes", async () => {
    await deps.deliver(passing());
    await deps.deliver(passing({ identity_id: "78" }), { box: "gate-2" });
    const limited = deps.ingest.addKey("read", null, { boxes: ["gate-2"] });
    const { id } = await create({ kind: "export", format: "csv", columns: ["person"] }, limited);
    await doJobs(deps.deps);
    const { result } = await shown(id, limited);
    expect(await (await deps.ask(String(result.url))).text()).toBe('"person"\r\n"78"\r\n');
  });

  describe("an export by a key for a site", () => {
    const setSite = (site: string | null) =>
      deps.ask("/v1/boxes/gate-1", { method: "PATCH", body: JSON.stringify({ site }) });
    const csv = { kind: "export", format: "csv" };
    let token: string;
    beforeEach(async () => {
      await deps.deliver(passing());
      await deps.deliver(passing(), { box: "gate-2" });
      await setSite("east");
      token = deps.ingest.addKey("read", null, { site: "east" });
    });
    const gone = { state: "failed", result: null, reason: expect.stringContaining("have changed since") };

    it("the link stays while the export's boxes belong to the site", async () => {
      const { id } = await create(csv, token);
      await doJobs(deps.deps);
      await deps.ask("/v1/boxes/gate-2", { method: "PATCH", body: JSON.stringify({ site: "east" }) });
      expect(await shown(id, token)).toMatchObject({ state: "done", result: { events: 1, url: expect.any(String) } });
    });

    it.each([
      ["none", {}],
      ["its box", { box: "gate-1" }],
    ])("an export is gone once a box has left the site; filter: %s", async (_, filter) => {
      const { id } = await create({ ...csv, filter }, token);
      await doJobs(deps.deps);
      const { result } = await shown(id, token);
      await setSite(null);
      expect((await deps.ask(String(result.url))).status).toBe(410);
      expect(await shown(id, token)).toMatchObject(gone);
      expect((deps.deps.jobs.exports as MemoryExports).files.size).toBe(0);
      await setSite("east");
      expect(await shown(id, token)).toMatchObject(gone);
    });

    it("a running export of the site is ended; exports of other sites or boxes continue", async () => {
      const { id } = await create(csv, token);
      const boxes = deps.ingest.addKey("read", null, { boxes: ["gate-1"] });
      const others = [await create(csv, boxes), await create(csv, deps.ingest.addKey("read", null, { site: "west" }))];
      await setSite("north");
      expect(await shown(id, token)).toMatchObject(gone);
      await doJobs(deps.deps);
      for (const other of others) expect(await shown(other.id)).toMatchObject({ state: "done" });
    });

    it("an old export without the list of its boxes is gone", async () => {
      const [first, second] = [await create(csv, token), await create(csv, token)];
      const forget = async (id: string) => {
        const job = await stored(id);
        if (job.asked.kind !== "export") throw new Error("it is no export");
        await deps.deps.jobs.store.advance(job, { ...job, asked: { ...job.asked, filter: {} } as Job["asked"] });
      };
      await forget(first.id);
      expect(await shown(first.id, token)).toMatchObject(gone);
      await forget(second.id);
      await deps.ask("/v1/boxes/gate-2", { method: "PATCH", body: JSON.stringify({ site: "north" }) });
      expect(await shown(second.id)).toMatchObject(gone);
    });

    it("the export stays when a box is assigned to its own site again", async () => {
      const { id } = await create(csv, token);
      await setSite("east");
      await doJobs(deps.deps);
      expect(await shown(id, token)).toMatchObject({ state: "done" });
    });

    it("the export has no link if the boxes were changed elsewhere, before its removal", async () => {
      const { id } = await create(csv, token);
      await doJobs(deps.deps);
      const boxes = deps.deps.boxes;
      await boxes.writer.set("gate-1", { site: null });
      expect(await shown(id, token)).toMatchObject(gone);
      expect((deps.deps.jobs.exports as MemoryExports).files.size).toBe(0);
    });
  });

  it.each([
    ["of the person", "/v1/people?id=77&all=1"],
    ["of the person at its box", "/v1/people?id=77&box=gate-1"],
  ])("an erasure %s removes the export and its contents", async (_, path) => {
    await deps.deliver(passing());
    const job = await done({ kind: "export", format: "csv", filter: { person: "77", box: "gate-1" } });
    const { id } = await create({ kind: "export", format: "csv", filter: { person: "77" } });
    await deps.ask(path, { method: "DELETE" });
    expect((await deps.ask(String(job.result.url))).status).toBe(410);
    for (const one of [job.id, id]) {
      expect(await shown(one)).toMatchObject({
        state: "failed",
        reason: expect.stringContaining("erasure"),
        result: null,
      });
      expect(JSON.stringify(await stored(one))).not.toContain('"77"');
    }
    expect((deps.deps.jobs.exports as MemoryExports).files.size).toBe(0);
  });

  it("the erasure of an event removes its exports; other boxes' and persons' exports stay", async () => {
    await deps.deliver(passing());
    const [event] = deps.ingest.events();
    const mine = await done({ kind: "export", format: "csv", filter: { box: "gate-1" } });
    const other = await done({ kind: "export", format: "csv", filter: { box: "gate-2" } });
    await deps.ask("/v1/people?id=77&box=gate-3", { method: "DELETE" });
    expect((await deps.ask(String(mine.result.url))).status).toBe(200);
    await deps.ask(`/v1/events/${event?.id}`, { method: "DELETE" });
    expect([
      (await deps.ask(String(mine.result.url))).status,
      (await deps.ask(String(other.result.url))).status,
    ]).toEqual([410, 200]);
  });

  it("an erasure that fails after the event is gone still removes its exports", async () => {
    await deps.deliver(passing());
    const [event] = deps.ingest.events();
    const { result } = await done({ kind: "export", format: "csv" });
    const { eraser } = deps.deps;
    const { eraseEvent } = eraser;
    eraser.eraseEvent = async (id) => {
      await eraseEvent.call(eraser, id);
      throw new Error("the disk is full");
    };
    expect((await deps.ask(`/v1/events/${event?.id}`, { method: "DELETE" })).status).toBe(503);
    expect(deps.ingest.events()).toEqual([]);
    expect((await deps.ask(String(result.url))).status).toBe(410);
  });

  it("an export that an erasure ends during a slice leaves no file", async () => {
    for (let n = 0; n < 4; n++) await deps.deliver(passing({ timestamp: noon + n }));
    const { id } = await create({ kind: "export", format: "csv" });
    const exports = deps.deps.jobs.exports as MemoryExports;
    const { append } = exports;
    exports.append = async (...args) => {
      const state = await append.apply(exports, args);
      await deps.ask("/v1/people?id=77&all=1", { method: "DELETE" });
      return state;
    };
    await doJobs(deps.deps, { events: 2, records: 1, bytes: 1 });
    expect(await shown(id)).toMatchObject({ state: "failed" });
    expect(exports.files.size).toBe(0);
  });
});

describe("an export that continues while an erasure looks for exports", () => {
  /** Lets something happen once an erasure knows the exports, and before it ends them. */
  const meanwhile = (does: () => Promise<unknown>) => {
    const { store } = deps.deps.jobs;
    const { unfinished } = store;
    store.unfinished = async () => {
      store.unfinished = unfinished;
      const jobs = await unfinished.call(store);
      await does();
      return jobs;
    };
  };
  const erase = () => deps.ask("/v1/people?id=77&all=1", { method: "DELETE" });
  const csv = { kind: "export", format: "csv" };
  beforeEach(() => deps.deliver(passing()));

  it("an export begun during an erasure is ended, and its result removed", async () => {
    const { id } = await create(csv);
    meanwhile(() => doJobs(deps.deps));
    await erase();
    expect(await shown(id)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("erasure"),
      result: null,
    });
    expect((deps.deps.jobs.exports as MemoryExports).files.size).toBe(0);
  });

  it("an export that a user stops stays stopped", async () => {
    const { id } = await create(csv);
    meanwhile(() => deps.ask(`/v1/jobs/${id}`, { method: "DELETE" }));
    await erase();
    expect(await shown(id)).toMatchObject({ state: "stopped", reason: null });
  });
});

describe("an export that the list of jobs does not have yet", () => {
  const person = { kind: "export", format: "csv", filter: {} };
  const hours = {
    kind: "export",
    what: "hours",
    format: "csv",
    filter: { site: "hq", from: "2026-11-05", to: "2026-11-05" },
  };
  /** Hides a job from every list, until the returned function is called. */
  const hidden = (id: string) => {
    const { items } = deps.ingest;
    const { list, entries } = items;
    const without = <Listed extends { pk: string }>(listed: (range: Range) => AsyncIterable<Listed>) =>
      async function* (range: Range) {
        for await (const one of listed.call(items, range)) if (one.pk !== `job ${id}`) yield one;
      };
    Object.assign(items, { list: without(list), entries: without(entries) });
    return () => Object.assign(items, { list, entries });
  };
  const slice = (id: string) => runSlice(id, deps.deps, { events: 10, records: 10, bytes: 1000 });
  beforeEach(() => deps.deliver(passing()));

  it.each([
    ["of events", person],
    ["of hours", hours],
  ])("an export %s has nothing of a person who is erased before", async (_, asked) => {
    await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
    await deps.deliver(passing({ identity_id: "78", timestamp: noon + 1 }));
    const { id } = await create(asked);
    const show = hidden(id);
    for (let n = 0; n < 3; n++) expect(await slice(id)).toBe(true);
    await deps.ask("/v1/people?id=77&all=1", { method: "DELETE" });
    show();
    while (await slice(id));
    expect(await shown(id)).toMatchObject({ state: "done" });
    const text = String((deps.deps.jobs.exports as MemoryExports).files.get(id));
    expect([text.includes('"77"'), text.includes('"78"')]).toEqual([false, true]);
  });

  it("an export of hours fails if people are switched off before", async () => {
    await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
    const { id } = await create(hours);
    const show = hidden(id);
    const body = JSON.stringify({ isOn: false, hoursDays: null });
    expect((await deps.ask("/v1/people/settings", { method: "PUT", body })).status).toBeLessThan(300);
    show();
    await slice(id);
    expect(await shown(id)).toMatchObject({ state: "failed", reason: expect.stringContaining("switched off") });
  });
});

describe("the replay of a long batch as a job", () => {
  const limits = { events: 10, records: 10, bytes: 1000 };
  const key = { id: "key_1", rate: { perSecond: 1, burst: 10 } };
  const bodyOf = (count: number) =>
    Buffer.from(JSON.stringify(Array.from({ length: count }, (_, n) => passing({ timestamp: noon + n }))));
  const keep = async (name: string, others: { key?: typeof key } = {}) => {
    const record = { box: "gate-1", path: "/HistoryEvent", headers: {}, event: null, body: bodyOf(12) };
    deps.ingest.now += 1;
    const receivedAt = deps.ingest.now;
    await deps.deps.quarantine.put({ ...record, id: `qrt_${name}`, reason: "batch-too-long", receivedAt });
    const job = batchJob(name, { record: `qrt_${name}`, ...others }, receivedAt);
    await deps.deps.jobs.store.createOnce(job);
    return job.id;
  };
  const slice = (id: string) => runSlice(id, deps.deps, limits);
  const records = async () => {
    const answer = await deps.ask("/v1/quarantine");
    return ((await answer.json()) as { records: { id: string; reason: string; replay: unknown }[] }).records;
  };

  it("shows in the record how far it is, and pauses as the key must", async () => {
    const { items, log, clock } = deps.ingest;
    deps.ingest.keyMeters = new KeyMeters({ usage: new KeyUses(items), log, clock });
    await keep("other");
    await deps.deps.jobs.store.createOnce(batchJob("unknown", { record: "qrt_none" }, noon));
    await deps.deps.quarantine.remove("qrt_other");
    const id = await keep("a", { key });
    const replay = { job: id, done: 0, of: 0 };
    expect(await records()).toMatchObject([{ id: "qrt_a", replay }]);
    expect(await slice(id)).toBe(true);
    expect(await records()).toMatchObject([{ id: "qrt_a", replay: { ...replay, done: 5, of: 12 } }]);
    expect(await (await deps.ask("/v1/quarantine/qrt_a")).json()).toMatchObject({ replay: { done: 5, of: 12 } });
    expect(await slice(id)).toBe(true);
    const job = await deps.deps.jobs.store.get(id);
    expect(job === null ? null : notBefore(job, deps.ingest.now)).toBe(deps.ingest.now + 5000);
    for (const done of [10, 12]) {
      deps.ingest.now += 10_000;
      expect(await slice(id)).toBe(done < 12);
      expect(await shown(id)).toMatchObject({ done, of: 12 });
    }
    expect(await shown(id)).toMatchObject({ state: "done", result: { stored: 1, kept: [] } });
    expect(await records()).toEqual([]);
  });

  it("reads a body again after ten times as long as reading took", async () => {
    const { items, log, clock } = deps.ingest;
    deps.ingest.keyMeters = new KeyMeters({ usage: new KeyUses(items), log, clock });
    const id = await keep("a", { key });
    const { quarantine } = deps.deps;
    const began = deps.ingest.now;
    const get = quarantine.get.bind(quarantine);
    quarantine.get = (of) => {
      deps.ingest.now += 400;
      return get(of);
    };
    expect(await slice(id)).toBe(true);
    const job = await deps.deps.jobs.store.get(id);
    expect(job === null ? null : notBefore(job, deps.ingest.now)).toBe(began + 4000);
  });

  it("is done for one record of a box at a time", async () => {
    const [first, second] = [await keep("a"), await keep("b")];
    expect(await slice(second)).toBe(true);
    expect(await shown(second)).toMatchObject({ state: "running", done: 0 });
    expect(await slice(first)).toBe(false);
    expect(await slice(second)).toBe(false);
    expect(await shown(second)).toMatchObject({ state: "done", done: 12 });
  });

  it("is left to its job by a person and by other replays", async () => {
    await keep("a");
    expect((await deps.ask("/v1/quarantine/qrt_a/replay", { method: "POST" })).status).toBe(409);
    const { id } = await create({ kind: "replay" });
    while (await slice(id));
    expect(await shown(id)).toMatchObject({ state: "done", done: 0, result: { stored: 0 } });
    await deps.deps.quarantine.put({ ...(await recordOf("qrt_a")), id: "qrt_c" });
    expect(await records()).toMatchObject([{ replay: { job: null, done: 0, of: 0 } }, { replay: { done: 0 } }]);
  });

  it("keeps a record that is still too long for it", async () => {
    const id = await keep("a");
    const body = Buffer.from(`[${"{},".repeat(1_000_000)}{}]`);
    await deps.deps.quarantine.remove("qrt_a");
    const record = { box: "gate-1", path: "/HistoryEvent", headers: {}, event: null, body };
    const kept = idOf("qrt", ["gate-1", "/HistoryEvent", createHash("sha256").update(body).digest("hex")]);
    await deps.deps.quarantine.put({ ...record, id: kept, reason: "batch-too-long", receivedAt: noon });
    const own = batchJob("b", { record: kept }, noon);
    await deps.deps.jobs.store.createOnce(own);
    for (const one of [id, own.id]) while (await slice(one));
    expect(await shown(own.id)).toMatchObject({
      state: "done",
      result: { stored: 0, kept: [{ id: kept, reason: "too-many-reports" }] },
    });
    expect(await records()).toMatchObject([{ id: kept, reason: "too-many-reports", replay: null }]);
  });

  const recordOf = async (id: string) => (await deps.deps.quarantine.get(id)) ?? expect.fail("it is gone");
});

describe("an erasure as a job", () => {
  it("an erasure gives a receipt, and keeps a hash instead of the id", async () => {
    const shared = jpeg("shared").toString("base64");
    const face = (n: number) => ({ recognize_face: jpeg(`face ${n}`).toString("base64") });
    for (let n = 0; n < 3; n++) await deps.deliver(passing({ timestamp: noon + n, reg_pic: shared, extData: face(n) }));
    await deps.deliver(passing({ identity_id: "78", reg_pic: shared }));
    await deps.deliver(passing({ timestamp: noon + 9, want_action: "1002", extData: { spot_pic: "broken" } }));
    await deps.deliver("garbage");
    const left = { site: "default", library: "gate-1", boxes: ["gate-1"], key: "77", leftAt: noon, reason: "Left" };
    const { id } = await deps.deps.departures.add({ ...left, by: "acc_1", madeAt: noon });
    await deps.deps.departures.add({ ...left, library: "gate-3", by: "acc_1", madeAt: noon });
    const job = await done({ kind: "erase", person: "77", boxes: ["gate-1", "gate-2"] });
    expect(job).toMatchObject({ state: "done", done: 4, of: 4 });
    expect(job.result).toEqual({
      records: [{ what: "departure", id, site: "default" }],
      keptOutUntil: "2026-11-05T04:00:01.000Z",
      erased: { events: 4, pictures: 3, quarantine: 1, outbox: 1 },
      kept: { pictures: 1 },
      unknown: { quarantine: 1, goneBy: "2026-12-05" },
      agesOut: [
        { what: "packs", goneBy: "2027-01-05" },
        { what: "backups", goneBy: null },
      ],
      suppressed: true,
      removals: { asked: 0, boxes: [] },
      at: new Date(noon + 1000).toISOString(),
      by: expect.stringMatching(/^key_/),
    });
    expect(JSON.stringify(await stored(job.id))).not.toContain('"77"');
    expect((await stored(job.id)).asked).toEqual({ kind: "erase", subject: expect.stringMatching(/^[\w-]{22}$/) });
  });

  it("an erasure has a receipt beside a report that another store received at the end of the calendar", async () => {
    await deps.deliver("garbage", { receivedAt: Date.UTC(9999, 11, 25) });
    const { result } = await done({ kind: "erase", person: "77", all: true });
    expect(result).toMatchObject({ unknown: { quarantine: 1, goneBy: "9999-12-31" } });
  });

  it("a picture shared by several boxes is counted as erased after the last box", async () => {
    const [ofBoth, ofOthers] = [jpeg("of both").toString("base64"), jpeg("of others").toString("base64")];
    for (const box of ["gate-1", "gate-2"]) {
      await deps.deliver(passing({ reg_pic: ofBoth, extData: { spot_pic: ofOthers } }), { box });
    }
    await deps.deliver(passing({ identity_id: "78", extData: { spot_pic: ofOthers } }), { box: "gate-1" });
    const { result } = await done({ kind: "erase", person: "77", boxes: ["gate-1", "gate-2"] });
    expect(result).toMatchObject({ erased: { events: 2, pictures: 1 }, kept: { pictures: 1 } });
  });

  it("an erasure continues by slice and box, even if slices are repeated", async () => {
    for (const box of ["gate-1", "gate-2", "gate-3"])
      for (let n = 0; n < 5; n++) await deps.deliver(passing({ timestamp: noon + n }), { box });
    const { id } = await create({ kind: "erase", person: "77", boxes: ["gate-1", "gate-2"] });
    const { store } = deps.deps.jobs;
    const { advance } = store;
    let turns = 0;
    store.advance = async (before, after) =>
      turns++ % 3 === 1 ? Promise.reject(new Error("power cut")) : advance.call(store, before, after);
    for (let n = 0; n < 20; n++) await doJobs(deps.deps, { events: 2, records: 1, bytes: 1 }).catch(() => {});
    expect(await shown(id)).toMatchObject({ state: "done", of: 10, result: { erased: { events: 10 } } });
    expect(deps.ingest.events().map(({ box }) => box.id)).toEqual(Array(5).fill("gate-3"));
  });

  it("the erasure of an unknown person erases nothing, and suppresses later events", async () => {
    const job = await done({ kind: "erase", person: "77", all: true });
    expect(job.result).toMatchObject({ erased: { events: 0 }, unknown: { quarantine: 0, goneBy: null } });
    await deps.deliver(passing());
    expect(deps.ingest.events()).toEqual([]);
  });
});

describe("a replay as a job", () => {
  /** Gives a record another body, so that it can be read when it is replayed. */
  async function rewrite(record: QuarantineRecord | undefined, body: object) {
    if (record === undefined) throw new Error("nothing was kept");
    await deps.deps.quarantine.remove(record.id);
    await deps.quarantine.put({ ...record, body: Buffer.from(JSON.stringify(body)) });
  }

  it("a replay stores the readable records, and gives the reason for the others", async () => {
    await deps.deliver("garbage");
    await deps.deliver("more garbage");
    await deps.deliver("garbage", { box: "gate-2" });
    await rewrite([...deps.ingest.records.values()][0], passing());
    const job = await done({ kind: "replay", reason: "not-an-object", box: "gate-1" });
    const { id } = deps.ingest.lastRecord;
    const kept = [...deps.ingest.records.values()].find(({ box }) => box === "gate-1");
    expect(job).toMatchObject({ state: "done", done: 2, of: 2 });
    expect(job.result).toEqual({ stored: 1, noEvent: 0, kept: [{ id: kept?.id, reason: "not-an-object" }] });
    expect(id).not.toBe(kept?.id);
    expect(deps.ingest.events()).toHaveLength(1);
  });

  /** Keeps reports of one passing, each with the time of its receipt and a name, to be read when they are replayed. */
  async function keepPassings(...named: [at: number, name: string][]) {
    for (const [at, name] of named) {
      await deps.deliver(`garbage ${name}`, { receivedAt: noon + at });
      await rewrite(deps.ingest.lastRecord, passing({ identity_name: name }));
    }
  }

  it("a replay takes the oldest first, so that the first report counts, as if it had arrived in time", async () => {
    await keepPassings([200, "Second"], [300, "Third"], [100, "First"]);
    const { id } = await create({ kind: "replay" });
    while (await runSlice(id, deps.deps, { events: 1000, records: 1, bytes: 1 })) deps.ingest.now += 1;
    expect(await shown(id)).toMatchObject({ state: "done", done: 3, of: 3, result: { stored: 3, kept: [] } });
    expect(deps.ingest.events()).toMatchObject([
      { receivedAt: new Date(noon + 100).toISOString(), person: { name: "First" } },
    ]);
  });

  it("a replay ends, and leaves alone what arrives meanwhile", async () => {
    for (let n = 0; n < 4; n++) await deps.deliver(`garbage ${n}`, { receivedAt: noon + n });
    const { id } = await create({ kind: "replay" });
    let slices = 0;
    for (let hasMore = true; hasMore && slices < 9; slices++) {
      for (let n = 0; n < 3; n++) await deps.deliver(`later ${slices} ${n}`, { receivedAt: deps.ingest.now + 1 + n });
      deps.ingest.now += 10;
      hasMore = await runSlice(id, deps.deps, { events: 1000, records: 2, bytes: 1 });
    }
    expect(await shown(id)).toMatchObject({ state: "done", done: 4, of: 4 });
    expect(slices).toBeLessThan(6);
  });

  it("a replay that an earlier build has begun goes on from the newest to the oldest", async () => {
    for (let n = 0; n < 6; n++) await deps.deliver(`garbage ${n}`, { receivedAt: noon + n });
    const { id } = await create({ kind: "replay" });
    const { store } = deps.deps.jobs;
    const limits = { events: 1000, records: 2, bytes: 1 };
    await runSlice(id, deps.deps, limits);
    const { next } = await deps.deps.quarantine.list(null, { limit: 2, cursor: null });
    const job = (await store.get(id)) ?? expect.fail();
    await store.advance(job, { ...job, done: 2, progress: { cursor: next, stored: 0, kept: [] } });
    while (await runSlice(id, deps.deps, limits));
    expect(await shown(id)).toMatchObject({ state: "done", done: 6, of: 6 });
    expect((await shown(id)).result["kept"]).toHaveLength(4);
  });

  it("a replay of another path does nothing", async () => {
    await deps.deliver("garbage");
    const [record] = [...deps.ingest.records.values()];
    const path = record?.path ?? "";
    expect((await done({ kind: "replay", path: `${path}/other` })).result).toEqual({ stored: 0, noEvent: 0, kept: [] });
    expect((await done({ kind: "replay", path })).result).toMatchObject({ stored: 0, kept: [{}] });
  });

  it("a replay of another reason does nothing", async () => {
    await deps.deliver("garbage");
    expect((await done({ kind: "replay", reason: "not-json" })).result).toEqual({ stored: 0, noEvent: 0, kept: [] });
  });

  it("a replay stays running when the store fails", async () => {
    await deps.deliver("garbage");
    deps.ingest.failing.set("quarantine", new Error("disk full"));
    const { id } = await create({ kind: "replay" });
    await expect(doJobs(deps.deps)).rejects.toThrow("disk full");
    expect(await shown(id)).toMatchObject({ state: "running" });
  });
});

describe("marking as seen", () => {
  it("only matching events are marked as seen, slice by slice", async () => {
    for (let n = 0; n < 3; n++) await deps.deliver(passing({ timestamp: noon + n }));
    await deps.deliver(passing(), { box: "gate-2" });
    const job = await done({ kind: "seen", filter: { box: "gate-1" } });
    expect(job).toMatchObject({ state: "done", done: 3, of: 3, result: { events: 3 } });
    const all = deps.ingest.events();
    const seen = await deps.deps.seen.among(all.map(({ id }) => id));
    expect(all.filter(({ id }) => seen.has(id)).map(({ box }) => box.id)).toEqual(["gate-1", "gate-1", "gate-1"]);
  });

  it("the finished job contains nothing of a person", async () => {
    const filter = { person: "77", q: "Ada", box: "gate-1" };
    const { id } = await done({ kind: "seen", filter });
    expect((await deps.deps.jobs.store.get(id))?.asked).toEqual({ kind: "seen", filter: { box: "gate-1" } });
  });

  it("only admins mark events as seen, and the job continues in a second slice", async () => {
    expect((await post({ kind: "seen" }, deps.tokens.read)).status).toBe(403);
    for (let n = 0; n < 3; n++) await deps.deliver(passing({ timestamp: noon + n }));
    const { list } = deps.deps.events;
    deps.deps.events.list = (filter, page) => list.call(deps.deps.events, filter, { ...page, limit: 1 });
    const { id } = await create({ kind: "seen" });
    await doJobs(deps.deps, { events: 1, records: 1, bytes: 1 });
    expect(await shown(id)).toMatchObject({ state: "done", done: 3 });
  });
});

describe("the data of a person", () => {
  const ask = async (id: string) => (await deps.ask(`/v1/people?id=${id}`)).json();

  it("the data of a person is counted by box", async () => {
    const face = { recognize_face: jpeg("face").toString("base64") };
    await deps.deliver(passing({ timestamp: noon - 5, identity_name: "Ada L" }));
    await deps.deliver(passing({ extData: face }));
    await deps.deliver(passing({ extData: { spot_pic: "broken" }, timestamp: noon + 5 }), { box: "gate-2" });
    const [older, newer, other] = deps.ingest.events();
    const person = { id: "77", type: "employee" };
    expect(await ask("77")).toEqual({
      records: [],
      people: [
        {
          ...person,
          box: "gate-1",
          names: ["Ada", "Ada L"],
          events: 2,
          pictures: 1,
          quarantine: 0,
          first: older?.time,
          last: newer?.time,
          latest: newer?.id,
        },
        {
          ...person,
          box: "gate-2",
          names: ["Ada"],
          events: 1,
          pictures: 0,
          quarantine: 1,
          first: other?.time,
          last: other?.time,
          latest: other?.id,
        },
      ],
      isExact: true,
      suppressedSince: null,
    });
  });

  it("a search for an erased person gives the start of suppression, also without events", async () => {
    await deps.ask("/v1/people?id=77&box=gate-1", { method: "DELETE" });
    const suppressedSince = new Date(noon + 1000).toISOString();
    expect(await ask("77")).toEqual({ people: [], isExact: true, suppressedSince, records: [] });
    expect(await ask("78")).toMatchObject({ suppressedSince: null });
  });

  it("is for admins alone", async () => {
    expect((await deps.ask("/v1/people?id=77", { token: deps.tokens.read })).status).toBe(403);
  });
});

/** The files of an archive in base64, as Python reads it. */
async function unzipped(bytes: Buffer): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-zip-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "it.zip"), bytes);
  const script = `import base64, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps({n: base64.b64encode(z.read(n)).decode() for n in z.namelist()}))`;
  const { stdout, stderr, status } = spawnSync("python3", ["-c", script, join(folder, "it.zip")], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
