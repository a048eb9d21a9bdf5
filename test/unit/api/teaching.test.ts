import { readdirSync, readFileSync } from "node:fs";
import { api } from "@gatepost/api";
import type { FaceEvent, Json, JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { jpeg as picture, sha256 } from "../../support/pictures.ts";
import { addAccount, signedIn } from "./people.ts";
import { passing, runtime, told } from "./support.ts";

/** A body of an unknown format, and what becomes of it. */
interface Taught {
  headers: Record<string, string>;
  zone?: string;
  expect: (JsonObject & { pictures?: Record<string, string> })[];
  others?: { body: Json; sign: string }[];
  /** What a person changes in the suggested mapping. */
  corrections: Record<string, JsonObject>;
}

/** What the suggestion calls a form: its word, or its list. Forms with neither are called as their box. */
const namesOfForms: Record<string, string> = {
  "door-unlock": "access.door.unlock",
  lines: "pass",
  "list-with-envelope": "access_log",
  "poll-answer": "Rows",
  rows: "rows",
  "verify-push": "VerifyPush",
};

const folder = new URL("../../mappings/", import.meta.url);
const cases = readdirSync(folder).map((name) => ({
  name,
  taught: JSON.parse(readFileSync(new URL(`${name}/taught.json`, folder), "utf8")) as Taught,
  body: readFileSync(new URL(`${name}/body`, folder)),
}));

async function asAdministrator() {
  const deps = await runtime();
  const headers = await signedIn(deps, await addAccount(deps, "administrator", { boxes: null }));
  const asBytes = async (path: string) => {
    const answer = await deps.ask(path, { headers });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };
  const ask = async (method: string, path: string, body?: unknown) => {
    return told(deps, path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  };
  /** Delivers a body of an unknown format. Returns the ids of its records. */
  const keep = async (body: unknown, sent: Record<string, string> = {}) => {
    const before = new Set(deps.ingest.records.keys());
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    await deps.deliver(bytes, { headers: sent });
    return [...deps.ingest.records.keys()].filter((id) => !before.has(id));
  };
  return { ...deps, ask, asBytes, keep };
}

/** A suggested mapping with the corrections of a person, and how many these are. */
function corrected(mapping: JsonObject, corrections: Taught["corrections"]) {
  const [result, count] = [{ ...mapping }, { of: 0 }];
  for (const [member, changes] of Object.entries(corrections)) {
    const isTable = member === "fields" || member === "pictures";
    result[member] = isTable ? { ...(result[member] as JsonObject), ...changes } : changes;
    count.of += isTable ? Object.keys(changes).length : 1;
  }
  return { mapping: result, count: count.of };
}

/** What a case says about an event, with its pictures by their hashes. */
function expectEvent(event: FaceEvent, { pictures, ...told }: Taught["expect"][number]) {
  const hashes = Object.fromEntries(Object.entries(event.pictures).map(([kind, one]) => [kind, one.sha256]));
  const seeds = Object.entries(pictures ?? {}).map(([kind, seed]) => [kind, sha256(picture(seed))]);
  expect(hashes).toEqual(Object.fromEntries(seeds));
  expect(event).toMatchObject(told);
}

describe("teaching a format", () => {
  it.each(cases)("takes at most four corrections of the suggested mapping: $name", async ({ name, taught, body }) => {
    const { ask, asBytes, keep, ingest } = await asAdministrator();
    if (taught.zone !== undefined) await ingest.reads.boxes.writer.set("gate-1", { zone: taught.zone });
    const records = await keep(body, taught.headers);
    const others = await Promise.all((taught.others ?? []).map(({ body: other }) => keep(other)));
    const { body: suggested } = await ask("POST", "/v1/mappings/suggest", { records: [...records, ...others.flat()] });
    const { mapping, count } = corrected(suggested.mapping, taught.corrections);
    expect(count).toBeLessThanOrEqual(4);
    expect(mapping).toMatchObject({ name: namesOfForms[name] ?? "gate-1", box: "gate-1" });

    const tried = await ask("POST", "/v1/mappings/try", { mapping, records });
    expect(tried.status).toBe(200);
    const outcomes: { is: string; event: FaceEvent }[] = tried.body.results.flatMap(
      (one: { outcomes: object[] }) => one.outcomes,
    );
    const events = outcomes.flatMap((one) => (one.is === "event" ? [one.event] : []));
    events.sort((a, b) => a.timestamp - b.timestamp);
    expect(events).toHaveLength(taught.expect.length);
    for (const [at, told] of taught.expect.entries()) {
      const event = events[at] as FaceEvent;
      expectEvent(event, told);
      expect(event.flags).toEqual(expect.not.arrayContaining([expect.stringMatching(/unreadable/)]));
      for (const { href, sha256: hash } of Object.values(event.pictures)) {
        const shown = await asBytes(href);
        expect([shown.status, sha256(shown.body)]).toEqual([200, hash]);
      }
    }
    expect(ingest.events()).toEqual([]);

    const signs = await ask("POST", "/v1/mappings/try", { mapping, records: [...records, ...others.flat()] });
    expect(signs.body.results.slice(records.length)).toEqual(
      (taught.others ?? []).map(({ sign }, at) => ({ record: others[at]?.[0], outcomes: [{ is: "sign", sign }] })),
    );

    expect((await ask("POST", "/v1/mappings", mapping)).status).toBe(201);
    ingest.now += 61_000;
    for (const id of records) await ask("POST", `/v1/quarantine/${id}/replay`);
    const ids = (found: readonly FaceEvent[]) => found.map(({ id }) => id).toSorted();
    expect(ids(ingest.events())).toEqual(ids(events));
  });
});

const body = {
  type: "verify",
  deviceId: "N1",
  record: { verifyTime: "2026-11-05 08:00:05", personCode: "E-77", personName: "Ada Low", inout: "0" },
};
const taught = {
  name: "North",
  when: { is: { type: "verify" }, has: ["record.personCode"] },
  fields: { time: { at: "record.verifyTime", as: "YYYY-MM-DD HH:mm:ss" }, "person.id": { at: "record.personCode" } },
};
const noRecord = "qrt_00000000000000000000000000";

describe("a suggestion", () => {
  it("lets other requests have a turn for each record", async () => {
    const { ask, keep } = await asAdministrator();
    const records: string[] = [];
    for (const name of "abcdefgh") records.push(...(await keep({ [name]: 1 })));
    expect(records).toHaveLength(8);
    const mapping = { name: "m", when: { has: ["a", "b"] }, fields: {} };
    for (const [method, path, body] of [
      ["POST", "suggest", { records }],
      ["POST", "try", { mapping, records }],
      ["GET", `values?path=a&records=${records}`, undefined],
    ] as const) {
      let [turns, isOver] = [0, false];
      const count = () => {
        turns += 1;
        if (!isOver) setImmediate(count);
      };
      setImmediate(count);
      expect((await ask(method, `/v1/mappings/${path}`, body)).status).toBe(200);
      isOver = true;
      expect(turns).toBeGreaterThanOrEqual(8);
    }
  });

  it("is for every box if its records are of several", async () => {
    const { ask, deliver, ingest } = await asAdministrator();
    await deliver(body);
    await deliver(body, { box: "gate-2" });
    const { body: found } = await ask("POST", "/v1/mappings/suggest", { records: [...ingest.records.keys()] });
    expect(found.mapping).toMatchObject({ box: null, when: { is: { type: "verify" } } });
  });

  it.each([
    [[], 400, /records: /],
    [Array.from({ length: 101 }, (_, at) => `qrt_${at}`), 400, /records: .*100/],
    [[noRecord], 404, new RegExp(`there is no record ${noRecord}`)],
    ["qrt_1", 400, /records: must be a list/],
  ])("is refused for the records %j", async (records, status, sentence) => {
    const { ask } = await asAdministrator();
    const answer = await ask("POST", "/v1/mappings/suggest", { records });
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it("is refused if no record can be read", async () => {
    const { ask, keep } = await asAdministrator();
    const records = await keep(Buffer.from("{"));
    const answer = await ask("POST", "/v1/mappings/suggest", { records });
    expect([answer.status, answer.body.detail]).toEqual([
      400,
      expect.stringMatching(/records: none of them can be read/),
    ]);
  });

  it.each([
    ["records of over 32 MB together", Buffer.from(`{"a":"${"x".repeat(4_000_000)}"}`), /over 32 MB/],
    ["a record of over 4 MB", Buffer.from(`{"a":"${"x".repeat(5_000_000)}"}`), /too long to be shown/],
    ["a long record that is nearly JSON", Buffer.from(`{'a':'${"x,".repeat(150_000)}',}`), /too long to be shown/],
  ])("is refused for %s", async (_, bytes, sentence) => {
    const { ask, deps, keep } = await asAdministrator();
    const [id = ""] = await keep(body);
    const record = await deps.quarantine.get(id);
    if (record !== null) deps.quarantine.get = async () => ({ ...record, body: bytes });
    const records = Array.from({ length: 9 }, (_, at) => `qrt_${at}`);
    const answer = await ask("POST", "/v1/mappings/suggest", { records });
    expect([answer.status, answer.body.detail]).toEqual([413, expect.stringMatching(sentence)]);
  });
});

describe("a mapping that is tried", () => {
  const outcomes = async (mapping: object, on: object) => {
    const { ask } = await asAdministrator();
    const answer = await ask("POST", "/v1/mappings/try", { mapping, box: "gate-1", ...on });
    expect(answer.status).toBe(200);
    return answer.body.results[0].outcomes;
  };

  it.each([
    [
      "another value",
      taught,
      { type: "snap" },
      { member: 'when.is["type"]', path: "type", found: "snap", may: 'must be "verify"' },
    ],
    [
      "no value",
      taught,
      { type: "verify" },
      { member: "when.has[0]", path: "record.personCode", found: null, may: "must have a value" },
    ],
    [
      "no list",
      { ...taught, each: "list" },
      { list: "none" },
      { member: "each", path: "list", found: "none", may: "must be a list of reports" },
    ],
    [
      "a list of others",
      { ...taught, each: "list" },
      { list: [{ type: "snap" }] },
      { member: 'when.is["type"]', found: "snap" },
    ],
    ["an empty list", { ...taught, each: "list" }, { list: [] }, { member: 'when.is["type"]', found: null }],
  ])("names the member that does not fit: %s", async (_, mapping, sent, unmet) => {
    expect(await outcomes(mapping, { body: JSON.stringify(sent) })).toEqual([
      expect.objectContaining({ is: "none", reason: "condition", ...unmet }),
    ]);
  });

  it.each([
    ["{", "not-json"],
    ["7", "not-an-object"],
    ["", "empty-body"],
  ])("gives the reason for a body that cannot be read: %j", async (sent, reason) => {
    expect(await outcomes(taught, { body: sent })).toEqual([
      expect.objectContaining({ is: "none", reason, member: null, path: null }),
    ]);
  });

  it("reads each element of a list, and each line", async () => {
    const ofList = { ...taught, each: "list" };
    const list = [body, { type: "door" }, { ...body, record: { ...body.record, personCode: "E-78" } }];
    const found = await outcomes(ofList, { body: JSON.stringify({ list }) });
    expect(found.map(({ is, event }: { is: string; event?: FaceEvent }) => [is, event?.person.id])).toEqual([
      ["event", "E-77"],
      ["none", undefined],
      ["event", "E-78"],
    ]);
    const lines = await outcomes(taught, { body: `${JSON.stringify(body)}\n{"type":"door"}\n` });
    expect(lines.map(({ is }: { is: string }) => is)).toEqual(["event", "none"]);
  });

  it("names the member that does not fit a body that is like a box status", async () => {
    const [one] = await outcomes(taught, { body: JSON.stringify({ method: "face", of: { more: 1 } }) });
    expect(one).toMatchObject({ is: "none", reason: "condition", member: 'when.is["type"]' });
  });

  it("reads its times in a zone that was set a moment before", async () => {
    const { ask, keep, ingest } = await asAdministrator();
    const zoned = { ...body, record: { ...body.record, verifyTime: "2026-11-04 08:00:05" } };
    const records = await keep(zoned);
    const timeOf = async () => {
      const tried = await ask("POST", "/v1/mappings/try", { mapping: taught, records });
      return tried.body.results[0].outcomes[0].event.time;
    };
    await ask("PATCH", "/v1/boxes/gate-1", { site: "hq" });
    for (const [path, zone, time] of [
      ["/v1/sites/hq", "Europe/Berlin", "2026-11-04T07:00:05.000Z"],
      ["/v1/boxes/gate-1", "Asia/Shanghai", "2026-11-04T00:00:05.000Z"],
    ] as const) {
      expect((await ask(path.includes("sites") ? "PUT" : "PATCH", path, { zone })).status).toBe(200);
      expect(await timeOf()).toBe(time);
    }
    await ask("POST", "/v1/mappings", taught);
    await ask("PATCH", "/v1/boxes/gate-1", { zone: "Asia/Tokyo" });
    ingest.now += 2000;
    for (const id of records) await ask("POST", `/v1/quarantine/${id}/replay`);
    expect(ingest.events()).toMatchObject([{ time: "2026-11-03T23:00:05.000Z" }]);
  });

  it("gives way to a dialect that knows the report", async () => {
    const known = JSON.stringify(passing());
    const [one] = await outcomes({ ...taught, when: { is: { identity_id: "77" } } }, { body: known });
    expect(one).toMatchObject({ is: "event", event: { reports: [{ dialectName: null }] } });
  });

  it("shows a picture of a sent body in the answer", async () => {
    const photo = picture("sent").toString("base64");
    const mapping = { ...taught, pictures: { face: "photo" } };
    const [one] = await outcomes(mapping, { body: JSON.stringify({ ...body, photo }) });
    expect(one.event.pictures.face.href).toBe(`data:image/jpeg;base64,${photo}`);
  });

  it("is not read for another box than its own", async () => {
    expect(await outcomes({ ...taught, box: "gate-2" }, { body: JSON.stringify(body) })).toEqual([
      {
        is: "none",
        reason: "box",
        member: "box",
        path: null,
        found: "gate-1",
        may: "must be gate-2, or null for every box",
      },
    ]);
  });

  it("has a flag for a value that does not fit", async () => {
    const wrong = { ...body, record: { ...body.record, verifyTime: "yesterday" } };
    const [one] = await outcomes(taught, { body: JSON.stringify(wrong) });
    expect(one.event.flags).toContain("field-unreadable:record.verifyTime");
  });

  it("may be one that was read before", async () => {
    const read = { ...taught, id: "map_1", rev: 3, today: 0, lastAt: null, isExact: true };
    expect(await outcomes(read, { body: JSON.stringify(body) })).toMatchObject([{ is: "event" }]);
  });

  it.each([
    [{ body: "{}", records: ["qrt_1"] }, 400, /give `records` or `body`/],
    [{}, 400, /give `records` or `body`/],
    [{ body: "{}" }, 400, /box: name the box/],
    [{ body: "x".repeat(1024 * 1024 + 1), box: "gate-1" }, 400, /body: may have 1 MB/],
    [{ body: "x".repeat(4 * 1024 * 1024), box: "gate-1" }, 413, /may have 3072 KB/],
    [{ records: [noRecord] }, 404, /there is no record/],
    [{ records: [] }, 400, /records: /],
    [{ mapping: { ...taught, fields: { "person.shoe": { at: "a" } } }, body: "{}", box: "a" }, 400, /person\.shoe/],
    [{ mapping: [], body: "{}", box: "a" }, 400, /mapping: must be an object/],
  ])("is refused with a sentence: %#", async (on, status, sentence) => {
    const { ask } = await asAdministrator();
    const answer = await ask("POST", "/v1/mappings/try", { mapping: taught, ...on });
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it("is refused if its events are too long for an answer", async () => {
    const { ask, deps, keep } = await asAdministrator();
    const [id = ""] = await keep(body);
    const record = await deps.quarantine.get(id);
    const long = Buffer.from(JSON.stringify({ ...body, notes: Array(50).fill("x".repeat(1000)) }));
    if (record !== null) deps.quarantine.get = async () => ({ ...record, body: long });
    const records = Array.from({ length: 100 }, (_, at) => `qrt_${at}`);
    const answer = await ask("POST", "/v1/mappings/try", { mapping: taught, records });
    expect([answer.status, answer.body.detail]).toEqual([413, expect.stringMatching(/try fewer reports at once/)]);
  });
});

describe("the values of kept reports", () => {
  it("are listed with what they may be", async () => {
    const { ask, keep, ingest } = await asAdministrator();
    await ingest.reads.boxes.writer.set("gate-1", { zone: "Asia/Shanghai" });
    const photo = picture("kept").toString("base64");
    const [id = ""] = await keep({ ...body, note: "n".repeat(300), "a/b": [photo], score: 0.5 });
    const { body: found } = await ask("GET", `/v1/quarantine/${id}/values`);
    const of = (path: string) => found.values.find((one: { path: string }) => one.path === path);
    expect(found.isCut).toBe(false);
    expect(of("record.verifyTime").may[0]).toEqual({
      field: "time",
      as: "YYYY-MM-DD HH:mm:ss",
      time: "2026-11-05T00:00:05.000Z",
    });
    expect(of("record.personCode").may[0]).toEqual({ field: "person.id" });
    expect(of("score").may[0]).toEqual({ field: "score", of: 1 });
    expect(of("note")).toMatchObject({ value: "n".repeat(256), isCut: true });
    expect(of("a/b[0]")).toMatchObject({
      picture: { bytes: picture("kept").length },
      may: [{ field: "pictures.face" }, {}, {}, {}],
    });
  });

  it("are of the first of several reports, and its pictures can be opened", async () => {
    const { ask, asBytes, deps, keep } = await asAdministrator();
    const [id = ""] = await keep(body);
    const record = await deps.quarantine.get(id);
    const lines = [{ photo: picture("one").toString("base64") }, body].map((one) => JSON.stringify(one)).join("\n");
    if (record !== null) deps.quarantine.get = async () => ({ ...record, body: Buffer.from(lines) });
    const { body: found } = await ask("GET", `/v1/quarantine/${id}/values`);
    expect(found).toMatchObject({ values: [{ path: "photo" }], isCut: true });
    const { status, body: bytes } = await asBytes(found.values[0].picture.href);
    expect([status, bytes]).toEqual([200, picture("one")]);
    for (const path of ["[1].type", "[9].photo", "a..b"])
      expect((await asBytes(`/v1/quarantine/${id}/pictures/${encodeURIComponent(path)}`)).status).toBe(404);
  });

  it("are none of a body that cannot be read", async () => {
    const { ask, keep } = await asAdministrator();
    const [id = ""] = await keep(Buffer.from("{"));
    expect((await ask("GET", `/v1/quarantine/${id}/values`)).body).toEqual({ values: [], isCut: false });
    expect((await ask("GET", `/v1/quarantine/${noRecord}/values`)).status).toBe(404);
  });

  it("include attributes of XML", async () => {
    const { ask, keep } = await asAdministrator();
    const [id = ""] = await keep(Buffer.from('<Log><Ev door="N-1"><Temp unit="C">36.6</Temp></Ev></Log>'));
    const { body: found } = await ask("GET", `/v1/quarantine/${id}/values`);
    const shown = found.values.map(({ path, value }: { path: string; value: string }) => [path, value]);
    expect(shown).toEqual([
      ["Log.Ev.Temp", "36.6"],
      ["Log.Ev.Temp.@unit", "C"],
      ["Log.Ev.@door", "N-1"],
    ]);
    for (const [query, value] of [
      ["path=Log.Ev.Temp", "36.6"],
      ["path=@door&each=Log.Ev", "N-1"],
    ])
      expect((await ask("GET", `/v1/mappings/values?records=${id}&${query}`)).body.values).toEqual([
        { value, count: 1 },
      ]);
  });

  it("are counted at a path, also in a list", async () => {
    const { ask, keep } = await asAdministrator();
    const records: string[] = [];
    for (const [personCode, inout] of Object.entries({ a: "1", b: "0", c: "1", d: "" }))
      records.push(...(await keep({ list: [{ inout }, 7], record: { personCode, inout } })));
    const counted = {
      values: [
        { value: "1", count: 2 },
        { value: "0", count: 1 },
        { value: "", count: 1 },
      ],
      reports: 4,
    };
    const query = `records=${records.join(",")}`;
    expect((await ask("GET", `/v1/mappings/values?${query}&path=record.inout`)).body).toEqual(counted);
    expect((await ask("GET", `/v1/mappings/values?${query}&path=inout&each=list`)).body).toEqual(counted);
    expect((await ask("GET", `/v1/mappings/values?${query}&path=none`)).body).toEqual({ values: [], reports: 4 });
  });

  it.each([
    ["records=qrt_1&path=a..b", /path: must be a path/],
    ["records=qrt_1&path=__proto__.a&each=b..", /each: must be a path/],
    [`records=${"qrt_1,".repeat(101)}x&path=a`, /records: must be up to 100 ids/],
    ["path=a", /records: /],
  ])("are refused with a sentence: %#", async (query, sentence) => {
    const { ask } = await asAdministrator();
    const answer = await ask("GET", `/v1/mappings/values?${query}`);
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(sentence)]);
  });
});

describe("a key that is limited to a box", () => {
  it("sees no mapping, of its box or of another", async () => {
    const { deps, ask, ingest } = await asAdministrator();
    await ask("POST", "/v1/mappings", { ...taught, box: "gate-2" });
    const token = ingest.addKey("read", null, { boxes: ["gate-1"] });
    for (const path of ["/v1/mappings", "/v1/mappings/values?records=qrt_1&path=a", "/v1/quarantine/qrt_1/values"]) {
      const answer = await api(deps).request(path, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(403);
    }
  });
});
